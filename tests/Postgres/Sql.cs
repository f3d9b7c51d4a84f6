using Npgsql;

namespace OrleansConcert.Postgres;

/// <summary>What a test says to a database itself.</summary>
public static class Sql
{
    public static async Task Run(string database, string text)
    {
        await using var connection = await Open(database);
        await connection.Run(text);
    }

    public static async Task<object?> Ask(string database, string text)
    {
        await using var connection = await Open(database);
        return await connection.Ask(text);
    }

    /// <summary>A connection of the test's own, that is no other's before or after.</summary>
    public static async Task<NpgsqlConnection> Open(string database)
    {
        var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    public static async Task Run(this NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<object?> Ask(this NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        return await command.ExecuteScalarAsync();
    }
}
