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

    /// <summary>The cluster that it is a part of; null (the default) where it is alone. One of a cluster has its state in a database.</summary>
    public ClusterSettings? Cluster { get; init; }

    /// <summary>The time of this process. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A cluster, and where one of its silos stands in it.</summary>
public sealed record ClusterSettings
{
    /// <summary>Which cluster: silos and clients of one id find each other in the database.</summary>
    public string Id { get; init; } = "concert";

    /// <summary>What the silo is called. Default: the name of the machine.</summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>Where the other silos and the clients reach it. Default: only from this machine.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port for the other silos.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary>The port for clients: the API hosts.</summary>
    public int GatewayPort { get; init; } = 30_000;
}

/// <summary>The silo cannot start. The message is one line for the operator.</summary>
public class StartException(string message, Exception? inner = null) : Exception(message, inner);
