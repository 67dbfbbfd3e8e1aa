import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Properties;

/** Asks as DBeaver and Tableau do, through PostgreSQL's JDBC driver, and prints what comes back: one line a row. */
public final class Ask {
    private static final String SQL = "SELECT site, code, score FROM clinic.visit WHERE score >= ? ORDER BY code";

    public static void main(String[] words) throws SQLException {
        Properties given = new Properties();
        given.setProperty("user", "ada");
        given.setProperty("password", System.getenv("PGPASSWORD"));
        given.setProperty("options", "-c lakeward.purpose=research");
        try (Connection connection = DriverManager.getConnection(words[0], given)) {
            for (int round = 0; round < 7; round++) { // from the fifth on the driver prepares by name, and asks in binary
                asked(connection, round == 6);
            }
            connection.setAutoCommit(false); // only so does it fetch in portions
            portions(connection);
            connection.setAutoCommit(true);
            listed(connection);
            refused(connection);
        }
    }

    private static void asked(Connection connection, boolean told) throws SQLException {
        try (var statement = connection.prepareStatement(SQL)) {
            statement.setInt(1, 1);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (told) {
                        print("row", rows.getString(1), rows.getString(2), String.valueOf(rows.getLong(3)));
                    }
                }
            }
            ResultSetMetaData meta = statement.getMetaData();
            if (told) {
                print("meta", meta.getColumnName(3), meta.getColumnTypeName(3), String.valueOf(meta.isNullable(3)));
            }
        }
    }

    private static void portions(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.setFetchSize(7);
            long sum = 0;
            try (ResultSet rows = statement.executeQuery("SELECT i FROM range(100) t(i)")) {
                while (rows.next()) {
                    sum += rows.getLong(1);
                }
            }
            print("sum", String.valueOf(sum));
        }
        connection.commit();
    }

    private static void listed(Connection connection) throws SQLException {
        var meta = connection.getMetaData();
        each("schema", meta.getSchemas(), "TABLE_SCHEM");
        each("table", meta.getTables(null, null, "%", new String[] {"TABLE"}), "TABLE_SCHEM", "TABLE_NAME");
        each("column", meta.getColumns(null, "clinic", "%", "%"), "TABLE_NAME", "COLUMN_NAME", "TYPE_NAME");
        each("key", meta.getPrimaryKeys(null, "clinic", "visit"), "COLUMN_NAME");
        each("index", meta.getIndexInfo(null, "clinic", "visit", false, false), "INDEX_NAME");
        each("imported", meta.getImportedKeys(null, "clinic", "visit"), "FKCOLUMN_NAME");
    }

    private static void each(String what, ResultSet rows, String... columns) throws SQLException {
        while (rows.next()) {
            String[] values = new String[columns.length];
            for (int at = 0; at < columns.length; at++) {
                values[at] = rows.getString(columns[at]);
            }
            print(what, values);
        }
        rows.close();
    }

    private static void refused(Connection connection) {
        try (var statement = connection.createStatement()) {
            statement.executeQuery("SELECT * FROM clinic.hidden");
            print("leak");
        } catch (SQLException error) {
            print("refused", error.getSQLState());
        }
    }

    private static void print(String what, String... values) {
        System.out.println(what + " " + String.join(" ", values));
    }
}
