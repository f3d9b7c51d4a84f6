using System.Collections.Immutable;
using System.Net;

namespace OrleansConcert.Silo;

/// <summary>Where the state is kept.</summary>
public enum StorageKind
{
    /// <summary>A folder of files: durable, with nothing to install.</summary>
    Embedded,

    /// <summary>Nowhere: everything is lost with the process.</summary>
    Memory,

    /// <summary>A PostgreSQL database: what is run in earnest.</summary>
    Postgres,
}

/// <summary>What a silo is put together from.</summary>
public sealed record SiloSettings
{
    /// <summary>Where the state is kept. Default: embedded.</summary>
    public StorageKind Kind { get; init; } = StorageKind.Embedded;

    /// <summary>The folder of the embedded store. Default: <c>data</c> in the current directory.</summary>
    public string Path { get; init; } = "data";

    /// <summary>The database, where the state is kept in one, as Npgsql has it.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>
    /// The keys under which tokens are signed: the first signs, all verify. Empty (the default): one is made at the first start
    /// and kept in the store.
    /// </summary>
    public ImmutableArray<byte[]> SigningKeys { get; init; } = [];

    /// <summary>The cluster that it is a part of, with its state in a database; null (the default) where it is alone.</summary>
    public ClusterSettings? Cluster { get; init; }

    /// <summary>The time of this process. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A cluster, and where one of its silos stands in it. Its health is told at <c>Concert:Management:Urls</c>.</summary>
public sealed record ClusterSettings
{
    /// <summary><c>Concert:Cluster:Id</c>: which cluster. Silos and clients of one id find each other in the database.</summary>
    public string Id { get; init; } = "concert";

    /// <summary><c>Concert:Cluster:Name</c>: what the silo is called. Default: the name of the machine.</summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary><c>Concert:Cluster:Address</c>: where the other silos and the clients reach it. Default: only from this machine.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary><c>Concert:Cluster:SiloPort</c>: the port for the other silos. Default: 11111.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary><c>Concert:Cluster:GatewayPort</c>: the port for clients, the API hosts. Default: 30000.</summary>
    public int GatewayPort { get; init; } = 30_000;
}

/// <summary>The silo cannot start. The message is one line for the operator.</summary>
public class StartException(string message, Exception? inner = null) : Exception(message, inner);
