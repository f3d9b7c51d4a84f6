namespace Orleans.Core
{
    /// <summary>A record kept in storage. Operations on one record never run side by side.</summary>
    public interface IStorage
    {
        /// <summary>The version last read or written; null for none.</summary>
        string? Etag { get; }

        /// <summary>Whether storage had the record when it was last read or written.</summary>
        bool RecordExists { get; }

        /// <summary>Deletes the record.</summary>
        Task ClearStateAsync();

        /// <summary>Deletes the record.</summary>
        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

        /// <summary>Writes the record.</summary>
        /// <exception cref="Storage.InconsistentStateException">Someone else wrote it since; nothing was written.</exception>
        Task WriteStateAsync();

        /// <summary>Writes the record.</summary>
        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

        /// <summary>Reads the record, dropping what is in memory.</summary>
        Task ReadStateAsync();

        /// <summary>Reads the record, dropping what is in memory.</summary>
        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
    }

    /// <summary>A record of type <typeparamref name="TState"/>.</summary>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The record in memory; a new one where storage has none.</summary>
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>A record of a grain's own, read before the grain activates. Injected by <see cref="PersistentStateAttribute"/>.</summary>
    public interface IPersistentState<TState> : Core.IStorage<TState>;

    /// <summary>Asks for the record <paramref name="stateName"/> from the named storage, or from the default one.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
    {
        /// <summary>The record's name within the grain.</summary>
        public string StateName { get; } = stateName;

        /// <summary>The storage's name; null for the default.</summary>
        public string? StorageName { get; } = storageName;
    }
}

namespace Orleans
{
    /// <summary>What a storage provider reads into and writes from.</summary>
    public interface IGrainState<T>
    {
        /// <summary>The record.</summary>
        T? State { get; set; }

        /// <summary>Its version in storage; null for none.</summary>
        string? ETag { get; set; }

        /// <summary>Whether storage has it.</summary>
        bool RecordExists { get; set; }
    }

    /// <summary>The plain implementation of <see cref="IGrainState{T}"/>.</summary>
    [GenerateSerializer]
    public sealed class GrainState<T> : IGrainState<T>
    {
        /// <summary>Nothing yet.</summary>
        public GrainState()
        {
        }

        /// <summary>A record storage does not have.</summary>
        public GrainState(T? state)
            : this(state, null)
        {
        }

        /// <summary>A record at a version.</summary>
        public GrainState(T? state, string? eTag)
        {
            State = state;
            ETag = eTag;
        }

        /// <inheritdoc/>
        [Id(0)]
        public T? State { get; set; }

        /// <inheritdoc/>
        [Id(1)]
        public string? ETag { get; set; }

        /// <inheritdoc/>
        [Id(2)]
        public bool RecordExists { get; set; }
    }
}

namespace Orleans.Storage
{
    /// <summary>
    /// A storage provider. Registered in DI as a keyed service under the storage's name; the default's name is <c>Default</c>.
    /// </summary>
    public interface IGrainStorage
    {
        /// <summary>Reads a record into <paramref name="grainState"/>.</summary>
        Task ReadStateAsync<T>(string stateName, Runtime.GrainId grainId, IGrainState<T> grainState);

        /// <summary>Reads a record into <paramref name="grainState"/>.</summary>
        Task ReadStateAsync<T>(
            string stateName, Runtime.GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            ReadStateAsync(stateName, grainId, grainState);

        /// <summary>Writes a record where storage still has the version in <paramref name="grainState"/>; sets the new one.</summary>
        /// <exception cref="InconsistentStateException">Storage has another version; nothing was written.</exception>
        Task WriteStateAsync<T>(string stateName, Runtime.GrainId grainId, IGrainState<T> grainState);

        /// <summary>Writes a record where storage still has the version in <paramref name="grainState"/>; sets the new one.</summary>
        Task WriteStateAsync<T>(
            string stateName, Runtime.GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            WriteStateAsync(stateName, grainId, grainState);

        /// <summary>Deletes a record where storage still has the version of <paramref name="grainState"/>.</summary>
        Task ClearStateAsync<T>(string stateName, Runtime.GrainId grainId, IGrainState<T> grainState);

        /// <summary>Deletes a record where storage still has the version of <paramref name="grainState"/>.</summary>
        Task ClearStateAsync<T>(
            string stateName, Runtime.GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            ClearStateAsync(stateName, grainId, grainState);
    }
}
