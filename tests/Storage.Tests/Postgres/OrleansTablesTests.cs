using System.Data;
using System.Globalization;
using Npgsql;
using OrleansConcert.Postgres;
using OrleansConcert.Storage.Postgres;

namespace OrleansConcert.Storage.Tests.Postgres;

/// <summary>
/// The tables of the cluster's engine, asked as its providers ask: by the texts that they find, unqualified, with the parameters that they
/// send, and as the role that may make no tables.
/// </summary>
public sealed class OrleansTablesTests(OrleansTablesTests.Database database) : IClassFixture<OrleansTablesTests.Database>
{
    private const int Joining = 2;
    private const int Active = 3;
    private const int Dead = 6;
    private static readonly DateTime Noon = Given.Noon.UtcDateTime;

    private static int s_clusters;

    private readonly string _cluster = $"cluster {Interlocked.Increment(ref s_clusters)}";

    [PostgresFact]
    public async Task Every_text_that_the_providers_look_for_is_there()
    {
        string[] clustering =
        [
            "CleanupDefunctSiloEntriesKey", "DeleteMembershipTableEntriesKey", "GatewaysQueryKey", "InsertMembershipKey",
            "InsertMembershipVersionKey", "MembershipReadAllKey", "MembershipReadRowKey", "UpdateIAmAlivetimeKey", "UpdateMembershipKey",
        ];
        string[] reminders =
        [
            "DeleteReminderRowKey", "DeleteReminderRowsKey", "ReadRangeRows1Key", "ReadRangeRows2Key", "ReadReminderRowKey",
            "ReadReminderRowsKey", "UpsertReminderRowKey",
        ];
        var texts = await database.Texts();
        Assert.Equal(clustering.Concat(reminders).Order(StringComparer.Ordinal), texts.Keys.Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task A_cluster_is_begun_once()
    {
        Assert.True(await Begin());
        Assert.False(await Begin());
        var version = Assert.Single(await All());
        Assert.Equal(("0", DBNull.Value), (VersionOf(version), version["StartTime"]));
    }

    [PostgresFact]
    public async Task A_silo_is_added_to_the_version_that_its_list_has_and_only_once()
    {
        await Begin();
        Assert.False(await Insert(11111, version: 1));
        Assert.True(await Insert(11111, version: 0));
        Assert.False(await Insert(11111, version: 1));
        Assert.False(await Insert(11112, version: 0));
        Assert.True(await Insert(11112, version: 1));
        var all = await All();
        Assert.All(all, row => Assert.Equal("2", VersionOf(row)));
        Assert.Equal([11111, 11112], all.Select(row => row["Port"]).Order());
    }

    [PostgresFact]
    public async Task A_silo_is_read_as_it_was_told_with_the_version_of_its_list()
    {
        await Begin();
        await Insert(11111, version: 0, status: Joining);
        var row = Assert.Single(await Row(11111));
        Assert.Equal(
            (_cluster, "10.0.0.7", 11111, 7, "silo 11111", "alpha", Joining, 30000, (object)DBNull.Value, Noon, Noon.AddSeconds(1), "1"),
            ((string)row["DeploymentId"], (string)row["Address"], (int)row["Port"], (int)row["Generation"], (string)row["SiloName"],
                (string)row["HostName"], (int)row["Status"], (int)row["ProxyPort"], row["SuspectTimes"], (DateTime)row["StartTime"],
                (DateTime)row["IAmAliveTime"], VersionOf(row)));
        var none = Assert.Single(await Row(11119));
        Assert.Equal(("1", DBNull.Value), (VersionOf(none), none["StartTime"]));
    }

    [PostgresFact]
    public async Task A_silo_is_changed_in_the_version_that_its_list_has()
    {
        await Begin();
        await Insert(11111, version: 0, status: Joining);
        Assert.False(await Update(11111, version: 0, Active));
        Assert.False(await Update(11119, version: 1, Active));
        Assert.True(await Update(11111, version: 1, Dead, "10.0.0.8:11112@7,2026-05-01 12:00:00.000 GMT"));
        var row = Assert.Single(await Row(11111));
        Assert.Equal((Dead, "2"), ((int)row["Status"], VersionOf(row)));
        Assert.StartsWith("10.0.0.8", (string)row["SuspectTimes"], StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Of_two_that_change_one_version_at_once_exactly_one_wins()
    {
        await Begin();
        await Insert(11111, version: 0);
        await Insert(11112, version: 1);
        for (var version = 2; version < 40; version++)
        {
            var current = version;
            bool[] won = await Task.WhenAll(
                Task.Run(() => Update(11111, current, Active)),
                Task.Run(() => Update(11112, current, Dead)),
                Task.Run(() => Insert(20000 + current, current)));
            Assert.Single(won, won => won);
            Assert.Equal($"{version + 1}", VersionOf((await All())[0]));
        }
    }

    [PostgresFact]
    public async Task A_silo_that_says_it_lives_changes_no_version()
    {
        await Begin();
        await Insert(11111, version: 0);
        await database.Execute("UpdateIAmAlivetimeKey", [.. Silo(11111), ("IAmAliveTime", Noon.AddMinutes(1))]);
        var row = Assert.Single(await Row(11111));
        Assert.Equal((Noon.AddMinutes(1), "1"), ((DateTime)row["IAmAliveTime"], VersionOf(row)));
    }

    [PostgresFact]
    public async Task Clients_find_the_active_silos_that_have_a_gateway()
    {
        await Begin();
        await Insert(11111, version: 0);
        await Insert(11112, version: 1, status: Dead);
        await Insert(11113, version: 2, gateway: 0);
        var gateway = Assert.Single(await database.Read("GatewaysQueryKey", ("DeploymentId", _cluster), ("Status", Active)));
        Assert.Equal(
            ("10.0.0.7", 30000, 7), ((string)gateway["Address"], (int)gateway["ProxyPort"], (int)gateway["Generation"]));
    }

    [PostgresFact]
    public async Task Silos_that_ended_long_ago_are_forgotten_and_no_other()
    {
        await Begin();
        await Insert(11111, version: 0);
        await Insert(11112, version: 1, status: Dead);
        await Insert(11113, version: 2, status: Dead, alive: Noon.AddHours(1));
        await database.Execute(
            "CleanupDefunctSiloEntriesKey", ("DeploymentId", _cluster), ("IAmAliveTime", Noon.AddMinutes(30)));
        Assert.Equal([11111, 11113], (await All()).Select(row => row["Port"]).Order());
        await database.Execute("DeleteMembershipTableEntriesKey", ("DeploymentId", _cluster));
        Assert.Empty(await All());
    }

    [PostgresFact]
    public async Task A_reminder_is_read_as_it_was_put_last()
    {
        var first = await Put("schedule/friday", "sweep", 5);
        var second = await Put("schedule/friday", "sweep", -5, TimeSpan.FromDays(40));
        await Put("schedule/friday", "other", 5);
        Assert.NotEqual(first, second);
        var row = Assert.Single(await database.Read("ReadReminderRowKey", Reminder("schedule/friday", "sweep")));
        Assert.Equal(
            ("schedule/friday", "sweep", Noon, (long)TimeSpan.FromDays(40).TotalMilliseconds, second),
            ((string)row["GrainId"], (string)row["ReminderName"], (DateTime)row["StartTime"], (long)row["Period"], VersionOf(row)));
        var rows = await database.Read("ReadReminderRowsKey", ("ServiceId", _cluster), ("GrainId", "schedule/friday"));
        Assert.Equal(["other", "sweep"], rows.Select(each => (string)each["ReminderName"]).Order());
        Assert.Empty(await database.Read("ReadReminderRowKey", Reminder("schedule/friday", "none")));
    }

    [PostgresFact]
    public async Task A_reminder_is_removed_by_its_own_version_alone_also_where_it_was_removed_and_put_again()
    {
        var first = await Put("queue/main", "sweep", 5);
        Assert.True(await Remove("queue/main", first));
        Assert.False(await Remove("queue/main", first));
        var again = await Put("queue/main", "sweep", 5);
        Assert.False(await Remove("queue/main", first));
        Assert.True(await Remove("queue/main", again));
    }

    [PostgresFact]
    public async Task One_reminder_put_by_several_at_once_is_there_once()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Put("queue/main", "sweep", 5))));
        Assert.Equal(20, versions.Distinct().Count());
        var row = Assert.Single(await database.Read("ReadReminderRowsKey", ("ServiceId", _cluster), ("GrainId", "queue/main")));
        Assert.Contains(VersionOf(row), versions);
    }

    [PostgresTheory]
    [InlineData(10u, 20u, "11 20")]
    [InlineData(20u, 10u, "0 10 21 2147483647 2147483648 4294967295")]
    [InlineData(7u, 7u, "0 10 11 20 21 2147483647 2147483648 4294967295")]
    [InlineData(0u, 0x8000_0000u, "10 11 20 21 2147483647 2147483648")]
    [InlineData(0x8000_0000u, 0u, "0 4294967295")]
    [InlineData(0x7FFF_FFFFu, 0xFFFF_FFFFu, "2147483648 4294967295")]
    public async Task A_part_of_the_ring_is_read_behind_its_begin_up_to_its_end(uint begin, uint end, string found)
    {
        foreach (var hash in (uint[])[0, 10, 11, 20, 21, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF])
        {
            await Put(hash.ToString(CultureInfo.InvariantCulture), "sweep", (int)hash);
        }

        // As the provider chooses.
        var key = (int)begin < (int)end ? "ReadRangeRows1Key" : "ReadRangeRows2Key";
        var rows = await database.Read(key, ("ServiceId", _cluster), ("BeginHash", (int)begin), ("EndHash", (int)end));
        Assert.Equal(found, string.Join(' ', rows.Select(row => uint.Parse((string)row["GrainId"], CultureInfo.InvariantCulture)).Order()));
        await database.Execute("DeleteReminderRowsKey", ("ServiceId", _cluster));
        Assert.Empty(await database.Read(key, ("ServiceId", _cluster), ("BeginHash", (int)begin), ("EndHash", (int)end)));
    }

    private (string, object?)[] Silo(int port) =>
        [("DeploymentId", _cluster), ("Address", "10.0.0.7"), ("Port", port), ("Generation", 7)];

    private (string, object?)[] Reminder(string grain, string name) =>
        [("ServiceId", _cluster), ("GrainId", grain), ("ReminderName", name)];

    private Task<bool> Begin() => database.Yes("InsertMembershipVersionKey", ("DeploymentId", _cluster));

    private Task<bool> Insert(int port, int version, int status = Active, int gateway = 30000, DateTime? alive = null) => database.Yes(
        "InsertMembershipKey",
        [
            .. Silo(port), ("IAmAliveTime", alive ?? Noon.AddSeconds(1)), ("SiloName", $"silo {port}"), ("HostName", "alpha"),
            ("StartTime", Noon), ("Status", status), ("ProxyPort", gateway), ("Version", version),
        ]);

    private Task<bool> Update(int port, int version, int status, string? suspects = null) => database.Yes(
        "UpdateMembershipKey",
        [.. Silo(port), ("IAmAliveTime", Noon), ("Status", status), ("SuspectTimes", suspects), ("Version", version)]);

    private Task<List<Dictionary<string, object>>> Row(int port) => database.Read("MembershipReadRowKey", Silo(port));

    private Task<List<Dictionary<string, object>>> All() => database.Read("MembershipReadAllKey", ("DeploymentId", _cluster));

    private async Task<string> Put(string grain, string name, int hash, TimeSpan? period = null)
    {
        var milliseconds = (period ?? TimeSpan.FromMinutes(1)).TotalMilliseconds;
        var rows = await database.Read(
            "UpsertReminderRowKey",
            [
                .. Reminder(grain, name), ("GrainHash", hash), ("StartTime", Noon),
                ("Period", milliseconds <= int.MaxValue ? (int)milliseconds : (long)milliseconds),
            ]);
        return VersionOf(Assert.Single(rows));
    }

    private Task<bool> Remove(string grain, string version) => database.Yes(
        "DeleteReminderRowKey", [.. Reminder(grain, "sweep"), ("Version", int.Parse(version, CultureInfo.InvariantCulture))]);

    private static string VersionOf(Dictionary<string, object> row) =>
        Convert.ToInt32(row["Version"], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);

    /// <summary>A server of its own, since roles are a server's; the tables are made by their owner, and asked as the other role.</summary>
    public sealed class Database : IAsyncLifetime
    {
        private static readonly Dictionary<Type, DbType> s_types = new()
        {
            [typeof(string)] = DbType.String,
            [typeof(int)] = DbType.Int32,
            [typeof(long)] = DbType.Int64,
            [typeof(DateTime)] = DbType.DateTime,
        };

        private ThrowawayPostgres? _server;
        private NpgsqlDataSource? _source;
        private Dictionary<string, string> _texts = [];

        public async Task InitializeAsync()
        {
            if ((_server = await ThrowawayPostgres.StartAsync()) is not null)
            {
                var (owner, role) = await ServerRoles.Make(await _server.NewDatabaseAsync("concert"));
                await PostgresJournal.Migrate(owner);
                _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(role) { SearchPath = "concert" });
                _texts = await Texts();
            }
        }

        public async Task DisposeAsync()
        {
            await (_source?.DisposeAsync() ?? default);
            await (_server?.DisposeAsync() ?? default);
        }

        public async Task<Dictionary<string, string>> Texts()
        {
            var texts = new Dictionary<string, string>();
            await using var command = _source!.CreateCommand("SELECT QueryKey, QueryText FROM OrleansQuery");
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                texts.Add((string)reader["QueryKey"], (string)reader["QueryText"]);
            }

            return texts;
        }

        public async Task Execute(string key, params (string Name, object? Value)[] values)
        {
            await using var command = Command(key, values);
            await command.ExecuteNonQueryAsync();
        }

        /// <summary>The one value of the one row, as yes or no.</summary>
        public async Task<bool> Yes(string key, params (string Name, object? Value)[] values)
        {
            var row = Assert.Single(await Read(key, values));
            return Convert.ToBoolean(Assert.Single(row).Value, CultureInfo.InvariantCulture);
        }

        public async Task<List<Dictionary<string, object>>> Read(string key, params (string Name, object? Value)[] values)
        {
            var rows = new List<Dictionary<string, object>>();
            await using var command = Command(key, values);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                rows.Add(Enumerable.Range(0, reader.FieldCount)
                    .ToDictionary(reader.GetName, reader.GetValue, StringComparer.OrdinalIgnoreCase));
            }

            return rows;
        }

        private NpgsqlCommand Command(string key, (string Name, object? Value)[] values)
        {
            var command = _source!.CreateCommand(_texts[key]);
            foreach (var (name, value) in values)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
                parameter.DbType = s_types[value?.GetType() ?? typeof(string)];
                command.Parameters.Add(parameter);
            }

            return command;
        }
    }
}
