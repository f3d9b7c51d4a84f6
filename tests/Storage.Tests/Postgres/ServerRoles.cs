using Npgsql;

using OrleansConcert.Postgres;

namespace OrleansConcert.Storage.Tests.Postgres;

/// <summary>The two roles of an operator: who makes the tables, and who uses them and may do nothing else. Once a server.</summary>
internal static class ServerRoles
{
    private const string OwnerWord = "the owner";
    private const string ServerWord = "the server";

    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "deploy", "roles.sql");

    public static async Task<(string Owner, string Server)> Make(string database)
    {
        var script = await File.ReadAllTextAsync(Script);
        await Sql.Run(database, script
            .Replace(":'owner_password'", $"'{OwnerWord}'", StringComparison.Ordinal)
            .Replace(":'server_password'", $"'{ServerWord}'", StringComparison.Ordinal)
            .Replace("select current_database() as database \\gset", "", StringComparison.Ordinal)
            .Replace(":\"database\"", $"\"{new NpgsqlConnectionStringBuilder(database).Database}\"", StringComparison.Ordinal));
        return (As(database, "concert_owner", OwnerWord), As(database, "concert_server", ServerWord));
    }

    private static string As(string database, string user, string word) =>
        new NpgsqlConnectionStringBuilder(database) { Username = user, Password = word }.ConnectionString;
}
