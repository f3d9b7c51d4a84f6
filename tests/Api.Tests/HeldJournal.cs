using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Api.Tests;

/// <summary>A journal that keeps some appends waiting until it is told to go on, or refuses them: a store that hangs, or fails.</summary>
internal sealed class HeldJournal : IJournal
{
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IJournal _journal = null!;
    private Func<Append, bool> _holds = _ => false;
    private Func<Append, bool> _refuses = _ => false;

    public DateTimeOffset LastInstant => _journal.LastInstant;

    /// <summary>Takes the place of the server's own journal, and hands on to it.</summary>
    public void Instead(IServiceCollection services)
    {
        var own = services.Last(service => service.ServiceType == typeof(IJournal));
        services.Replace(ServiceDescriptor.Singleton<IJournal>(provider =>
        {
            _journal = (IJournal)own.ImplementationFactory!(provider);
            return this;
        }));
    }

    /// <summary>From now on such appends wait.</summary>
    public void Hold(Func<Append, bool> holds) => _holds = holds;

    /// <summary>From now on such appends fail, and nothing of them is written. None: the store is well again.</summary>
    public void Refuse(Func<Append, bool>? refuses) => _refuses = refuses ?? (_ => false);

    /// <summary>Comes when the first append waits.</summary>
    public Task Held() => _held.Task.WaitAsync(TimeSpan.FromSeconds(10));

    public void GoOn()
    {
        _holds = _ => false;
        _goOn.SetResult();
    }

    public async Task<AppendResult> Append(Append append)
    {
        if (_refuses(append))
        {
            throw new JournalException("Told to fail.", nothingWritten: true);
        }

        if (_holds(append))
        {
            _held.TrySetResult();
            await _goOn.Task;
        }

        return await _journal.Append(append);
    }

    public bool IsShared => _journal.IsShared;

    public Task<long> Head(string stream) => _journal.Head(stream);

    public Task<long> End() => _journal.End();

    public Task<LoadedStream> Load(string stream) => _journal.Load(stream);

    public Task<IReadOnlyList<JournalEntry>> ReadBackward(string stream, long before, int count) =>
        _journal.ReadBackward(stream, before, count);

    public IAsyncEnumerable<JournalEntry> ReadAll(CancellationToken cancellationToken) => _journal.ReadAll(cancellationToken);

    public IAsyncEnumerable<JournalEntry> Read(long after, long upTo, CancellationToken cancellationToken) =>
        _journal.Read(after, upTo, cancellationToken);

    public Task<StoredAnswer?> FindAnswer(string caller, string key) => _journal.FindAnswer(caller, key);

    public Task<IReadOnlyCollection<string>> UnfinishedStreams() => _journal.UnfinishedStreams();

    public Task SaveSnapshot(string stream, long version, IReadOnlyList<ReadOnlyMemory<byte>> pieces) =>
        _journal.SaveSnapshot(stream, version, pieces);
}
