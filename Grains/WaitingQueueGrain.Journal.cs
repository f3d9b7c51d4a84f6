using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>How a queue is stored.</summary>
public sealed partial class WaitingQueueGrain
{
    protected override JsonTypeInfo<QueueEvent> EventJson => JournalJson.Default.QueueEvent;

    protected override bool HasUnfinishedWork => State.Line.Count + State.ActiveCount > 0;

    protected override int StateSize => State.Line.Count + State.ActiveCount;

    protected override QueueState Empty() => new();

    protected override void Apply(QueueState state, QueueEvent happened, long version) => state.Apply(happened, version);

    protected override void OnDurable(QueueEvent happened, long version)
    {
        _board.Apply(happened);
        base.OnDurable(happened, version);
    }

    protected override QueueState Restore(ReadOnlySpan<byte> snapshot) =>
        QueueState.From(JsonSerializer.Deserialize(snapshot, JournalJson.Default.QueueSnapshot)!);

    protected override byte[] Capture(QueueState state) =>
        JsonSerializer.SerializeToUtf8Bytes(state.ToSnapshot(), JournalJson.Default.QueueSnapshot);
}
