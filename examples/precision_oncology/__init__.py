"""Tell the whole story of lakeward on real file formats: VCF, DICOM, FHIR, clinical notes and CGM wearables.

Readers turn files into Arrow tables, steps turn them into bronze, silver, gold and the inputs of a fusion
model, and every write goes through `lakeward.gateway.steps`. A seeded generator writes the same file
formats that hospitals send, so real and generated data take one road.

Must not hold anything that lakeward needs: the catalog works without this package and without the `example`
extra.
"""
