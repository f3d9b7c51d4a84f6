using System.Security.Cryptography;
using OrleansConcert.Storage.Postgres;

namespace OrleansConcert.Storage.Tests.Postgres;

/// <summary>What was applied somewhere is never applied again: whoever edits it makes two schemas of one number.</summary>
public sealed class MigrationTests
{
    /// <remarks>Those that are out; 0003 and 0004 join with their release.</remarks>
    [Theory]
    [InlineData("0001_journal.sql", "e6dc89d064cfb60129dbb4f398fcdb492c99a65d9ed60cd42801e34015ef1ae2")]
    [InlineData("0002_views.sql", "10e292c4fc8b10b43d403edf040d327bd823ef748eb774a992b68f9416232b3b")]
    public void A_migration_that_is_out_is_never_edited_and_what_it_lacks_is_in_a_later_one(string name, string hash)
    {
        using var text = typeof(PostgresSchema).Assembly.GetManifestResourceStream($"OrleansConcert.Storage.Postgres.Migrations.{name}")!;
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(text)));
    }
}
