using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace OrleansConcert.Grains.Journal;

/// <summary>
/// A grain whose state is its journal, folded. A verb decides and folds in one turn with no await between, hands the events to the
/// journal and answers when they are durable; meanwhile the next verbs are decided on the state in memory. So a hot grain costs
/// one write a batch, not one a request.
/// </summary>
/// <remarks>
/// It interleaves (it is reentrant), which is safe because no decision spans an await. After the first failed write it refuses
/// everything until it is reloaded: what was decided on a state that never was must not be told to anybody.
/// </remarks>
[Reentrant]
public abstract partial class JournaledGrain<TState, TEvent>(
    JournaledGrainServices services, JournalFormat<TState, TEvent> format) : Grain
    where TState : class
    where TEvent : class
{
    /// <summary>So long an activation tells of its memory without looking whether another one has written meanwhile.</summary>
    private static readonly TimeSpan CurrentFor = TimeSpan.FromSeconds(1);

    /// <summary>What the clocks of a cluster may differ by, and nobody is told.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMilliseconds(500);

    private readonly List<TEvent> _pending = [];
    private readonly Queue<Flight> _flights = new();
    private string _stream = "";
    private TState _state = null!;
    private long _durable;
    private long _snapshotTried;
    private bool _snapshotting;
    private bool _failed;

    /// <summary>When this activation last was the one that writes, as far as is known.</summary>
    private Instant _currentAt;
    private Task? _looking;

    protected ILogger Log => services.Logger;

    protected IJournal Journal => services.Journal;

    protected IIdSource Ids => services.Ids;

    protected string Key { get; private set; } = "";

    protected string Stream => _stream;

    protected bool IsStarting => services.WakeUpCalls.IsStarting;

    protected Instant Now => services.Clock.Now;

    /// <summary>The state with everything decided so far, durable or not.</summary>
    protected TState State => _failed ? throw Unavailable() : _state;

    /// <summary>The version of the last event decided.</summary>
    protected long Version { get; private set; }

    /// <summary>Whether the grain has to be woken when the process starts.</summary>
    protected virtual bool HasUnfinishedWork => false;

    /// <summary>How large the state is, in things: it is snapshotted no sooner than after as many events.</summary>
    protected virtual int StateSize => 0;

    /// <summary>What follows from a decision in the same turn: who is admitted, when to wake.</summary>
    protected virtual void React()
    {
    }

    /// <summary>Called for every event once it is durable, in order: what boards are made of.</summary>
    protected virtual void OnDurable(TEvent happened, long version)
    {
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Key = this.GetPrimaryKeyString();
        (_stream, _currentAt) = (format.Streams + Key, Now);
        LoadedStream loaded;
        try
        {
            loaded = await services.Journal.Load(_stream);
        }
        catch (JournalException exception)
        {
            throw new UnavailableException("The journal can't be read now.", exception);
        }

        Reach(loaded.Events is [.., var newest] ? newest.At : DateTimeOffset.UnixEpoch);
        _state = loaded.SnapshotPieces.Count > 0 ? format.Restore(loaded.SnapshotPieces) : format.Empty();
        (Version, _durable, _snapshotTried) = (loaded.SnapshotVersion, loaded.SnapshotVersion, loaded.SnapshotVersion);
        foreach (var entry in loaded.Events)
        {
            format.Apply(_state, format.Read(entry.Text), entry.Version);
            Version = _durable = entry.Version;
        }
    }

    /// <summary>Nothing is decided before what was decided elsewhere: the clocks of two silos differ.</summary>
    private void Reach(DateTimeOffset newest)
    {
        var last = services.Journal.LastInstant;
        if (services.Clock.Reach(newest > last ? newest : last) is var behind && behind > Skew)
        {
            LogBehind(Log, behind);
        }
    }

    /// <summary>Folds events into the state. They go to the journal with the next <see cref="Write"/> of this turn.</summary>
    protected void Fold(ImmutableArray<TEvent> events)
    {
        foreach (var happened in events)
        {
            format.Apply(State, happened, ++Version);
            _pending.Add(happened);
        }
    }

    /// <summary>
    /// Carries a decision to its answer: a refusal once what it shows is durable, a yes once its events are. The view is made in
    /// this turn, of the state just decided. What refuses a repeat may be the very thing it asks for, done since it was looked up:
    /// then it gets that answer.
    /// </summary>
    /// <param name="showsAll">Whether the view shows more than the decision says: it waits for everything decided before it.</param>
    protected async Task<Answer<TView>> Answer<TView>(
        Decision<TEvent> decision,
        int status,
        Func<TView> view,
        Repeat? repeat = null,
        Func<Note>? note = null,
        bool showsAll = false)
        where TView : class
    {
        if (decision.Refused is { } refused)
        {
            LeaveIfNobody();
            await Flush();
            await WhenDurable(decision.Shows);
            return await AnswerTo(repeat) is { } given ? given.ToReplayed() : refused;
        }

        var shows = showsAll ? Version : decision.Shows;
        Fold(decision.Events);
        React();
        var value = view();
        var kept = repeat is null ? null : Keep(repeat, status, AnswerJson.Write(value));
        try
        {
            if (_pending.Count == 0)
            {
                // No fence stands before an answer alone: what it shows has to be there first.
                await WhenDurable(shows);
            }

            await Write(kept, note is null ? [] : [note()]);
            await WhenDurable(shows);
            return new() { Value = value, Status = status };
        }
        catch (KeyTakenException taken)
        {
            return taken.Answer;
        }
    }

    /// <summary>An id that nobody has given a meaning is not worth an activation.</summary>
    protected void LeaveIfNobody()
    {
        if (Version == 0)
        {
            DeactivateOnIdle();
        }
    }

    /// <summary>An answer to be stored with its effect.</summary>
    protected StoredAnswer Keep(Repeat repeat, int status, byte[] body) => StoredAnswer.Of(repeat, status, body, Now);

    /// <summary>
    /// The repeat that something driven on still owes its answer to; null where its key has answered something else meanwhile: what
    /// was begun is finished all the same.
    /// </summary>
    protected async Task<Repeat?> UnlessTaken(Repeat? repeat) => await AnswerTo(repeat) is null ? repeat : null;

    /// <summary>What the key was answered, or null where it was not yet, or there is none.</summary>
    protected async Task<StoredAnswer?> AnswerTo(Repeat? repeat)
    {
        try
        {
            return repeat is null ? null : await services.Journal.FindAnswer(repeat.Caller, repeat.Key);
        }
        catch (JournalException exception)
        {
            throw new UnavailableException("The journal can't be read now.", exception);
        }
    }

    /// <summary>Sends what was folded in this turn, if anything, and waits until it is durable.</summary>
    protected Task Flush() => _pending.Count > 0 ? Write() : Task.CompletedTask;

    /// <summary>Makes what was folded in this turn durable, together with an answer and notes.</summary>
    /// <exception cref="UnavailableException">It was not written, or nobody knows.</exception>
    /// <exception cref="KeyTakenException">The key of the answer was used before; nothing was written.</exception>
    protected async Task Write(StoredAnswer? answer = null, IReadOnlyList<Note>? notes = null)
    {
        if (_failed)
        {
            throw Unavailable();
        }

        if (_pending.Count == 0 && answer is null)
        {
            return;
        }

        var events = _pending.ToArray();
        _pending.Clear();
        var flight = new Flight(Version, events, Now, Send(events, answer, notes ?? []));
        if (events.Length > 0)
        {
            _flights.Enqueue(flight);
        }

        await Land(flight);
        SnapshotIfDue();
    }

    private Task<AppendResult> Send(TEvent[] events, StoredAnswer? answer, IReadOnlyList<Note> notes)
    {
        try
        {
            return services.Journal.Append(new()
            {
                Stream = _stream,
                Head = Version - events.Length,
                Events = [.. events.Select(happened => (ReadOnlyMemory<byte>)format.Write(happened))],
                At = Now.ToDateTimeOffset(),
                Unfinished = HasUnfinishedWork,
                Answer = answer,
                Notes = notes,
            });
        }
        catch (Exception)
        {
            // It never reached the journal, but the state has it.
            Fail();
            throw;
        }
    }

    /// <summary>Waits until that version may be told: until it is durable, and not another activation's to tell.</summary>
    protected async Task WhenDurable(long version)
    {
        await Landed(version);
        await EnsureCurrent();
    }

    /// <summary>
    /// Makes sure, before anything is told from memory, that no other activation wrote a second ago or before. Only a process that was
    /// taken for dead and lives on finds that one did. Where nobody else may write the journal it costs nothing.
    /// </summary>
    /// <exception cref="UnavailableException">Another one did and the memory is dropped, or the journal does not answer.</exception>
    protected async Task EnsureCurrent()
    {
        var needed = Now - CurrentFor;
        while (Journal.IsShared && _currentAt < needed)
        {
            // One look for all who ask; who comes when it was begun too long ago waits for the next.
            await (_looking is { IsCompleted: false } ? _looking : _looking = CompareHeads());
        }
    }

    private async Task CompareHeads()
    {
        try
        {
            var asked = Now;
            var head = await services.Journal.Head(_stream);
            if (head > Version)
            {
                Fail();
            }

            // What is there may be our own, sent meanwhile; the fence knows whose it is.
            await Landed(head);
            _currentAt = _failed ? throw Unavailable() : Instant.Max(_currentAt, asked);
        }
        catch (JournalException exception)
        {
            throw new UnavailableException("The journal can't be read now.", exception);
        }
    }

    private async Task Landed(long version)
    {
        foreach (var flight in _flights)
        {
            if (flight.Version >= version && version > _durable)
            {
                await LandOfAnother(flight);
                return;
            }
        }
    }

    /// <summary>Lets something go on by itself. What fails is done again by whoever finds it undone.</summary>
    protected async Task InBackground(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception exception) when (exception is UnavailableException or TimeoutException or OrleansException)
        {
            LogBackground(Log, _stream, exception.Message);
        }
    }

    /// <summary>The answer to a taken key is for whoever sent the key, and for nobody else who waits for the write.</summary>
    private async Task LandOfAnother(Flight flight)
    {
        try
        {
            await Land(flight);
        }
        catch (KeyTakenException)
        {
            throw Unavailable();
        }
    }

    private async Task Land(Flight flight)
    {
        AppendResult result;
        try
        {
            result = await flight.Append;
        }
        catch (JournalException exception)
        {
            Fail();
            throw new UnavailableException("The journal can't take it now.", exception);
        }

        switch (result.Outcome)
        {
            case AppendOutcome.Durable:
                Publish(flight);
                _currentAt = flight.Events.Length > 0 ? Instant.Max(_currentAt, flight.SentAt) : _currentAt;
                break;
            case AppendOutcome.HeadMoved:
                Fail();
                throw Unavailable();
            case AppendOutcome.KeyTaken:
                if (flight.Events.Length > 0)
                {
                    Fail();
                }

                throw new KeyTakenException(result.Existing!.ToReplayed());
        }
    }

    /// <summary>The journal keeps the order of a stream: what came before a durable version is durable too.</summary>
    private void Publish(Flight landed)
    {
        while (landed.Events.Length > 0 && _flights.TryPeek(out var flight) && flight.Version <= landed.Version)
        {
            _flights.Dequeue();
            var first = flight.Version - flight.Events.Length + 1;
            for (var index = 0; index < flight.Events.Length; index++)
            {
                OnDurable(flight.Events[index], first + index);
            }

            _durable = flight.Version;
        }
    }

    private void SnapshotIfDue()
    {
        if (!_snapshotting && !_failed && Version - _snapshotTried >= Math.Max(services.SnapshotAfterEvents, StateSize))
        {
            // One that fails is not tried again before as many events more: each costs the whole state.
            (_snapshotting, _snapshotTried) = (true, Version);
            _ = Snapshot(Version);
        }
    }

    private async Task Snapshot(long version)
    {
        try
        {
            var pieces = new List<ReadOnlyMemory<byte>>();
            foreach (var piece in format.Capture(_state))
            {
                if (pieces.Count > 1)
                {
                    // A large state is written over many turns: others get theirs in between. Where one of them failed the rest is
                    // not made: the next activation is loading.
                    await Task.Yield();
                    if (_failed)
                    {
                        throw Unavailable();
                    }
                }

                pieces.Add(piece);
            }

            await WhenDurable(version);
            await services.Journal.SaveSnapshot(_stream, version, pieces);
        }
        catch (Exception exception)
        {
            LogSnapshotFailed(Log, _stream, exception);
        }
        finally
        {
            _snapshotting = false;
        }
    }

    private void Fail()
    {
        if (!_failed)
        {
            _failed = true;
            LogReloading(Log, _stream);
            DeactivateOnIdle();
            services.WakeUpCalls.WakeSoon(_stream);
        }
    }

    private static UnavailableException Unavailable() =>
        new("A write failed or another activation wrote: the grain is being reloaded.");

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} drops its memory after a failed write and is reloaded")]
    private static partial void LogReloading(ILogger logger, string stream);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} could not be snapshotted; its journal has everything")]
    private static partial void LogSnapshotFailed(ILogger logger, string stream, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "THE CLOCK OF THIS MACHINE IS {Behind} BEHIND THE JOURNAL, which another silo wrote. It goes on from there; set the clocks right")]
    private static partial void LogBehind(ILogger logger, TimeSpan behind);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Stream}: left for later, {Reason}")]
    private static partial void LogBackground(ILogger logger, string stream, string reason);

    private sealed record Flight(long Version, TEvent[] Events, Instant SentAt, Task<AppendResult> Append);
}

/// <summary>What every journaled grain is given.</summary>
public sealed record JournaledGrainServices(
    IJournal Journal, Clock Clock, IIdSource Ids, IWakeUpCalls WakeUpCalls, ILogger<JournaledGrainServices> Logger)
{
    /// <summary>A state is snapshotted after so many events, at the soonest: a start folds hardly more than these.</summary>
    public int SnapshotAfterEvents { get; init; } = 1_000;
}

/// <summary>The key of an answer was used before. Never leaves a grain.</summary>
public sealed class KeyTakenException(ReplayedAnswer answer) : Exception("The key was used before.")
{
    public ReplayedAnswer Answer { get; } = answer;
}
