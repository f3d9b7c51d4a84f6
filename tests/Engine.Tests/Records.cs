using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace OrleansConcert.Engine.Tests;

[GenerateSerializer]
public sealed class Note
{
    [Id(0)]
    public string Text { get; set; } = "";

    [Id(1)]
    public List<string> Lines { get; set; } = [];
}

public interface INoteGrain : IGrainWithStringKey
{
    Task<string> Read();

    Task<bool> Exists();

    Task Write(string text);

    Task WriteElsewhere(string text);

    Task<string> ReadElsewhere();

    Task Change(string text);

    Task Refresh();

    Task Clear();

    Task<string?> Version();
}

public sealed class NoteGrain(
    [PersistentState("note")] IPersistentState<Note> note,
    [PersistentState("other note", "other")] IPersistentState<Note> elsewhere) : Grain, INoteGrain
{
    public Task<string> Read() => Task.FromResult(note.State.Text);

    public Task<bool> Exists() => Task.FromResult(note.RecordExists);

    public Task Write(string text)
    {
        note.State.Text = text;
        return note.WriteStateAsync();
    }

    public Task WriteElsewhere(string text)
    {
        elsewhere.State.Text = text;
        return elsewhere.WriteStateAsync();
    }

    public Task<string> ReadElsewhere() => Task.FromResult(elsewhere.State.Text);

    public Task Change(string text)
    {
        note.State.Text = text;
        return Task.CompletedTask;
    }

    public Task Refresh() => note.ReadStateAsync();

    public Task Clear() => note.ClearStateAsync();

    public Task<string?> Version() => Task.FromResult(note.Etag);
}

/// <summary>Records of grains: read before activation, written on demand, fenced by their version.</summary>
public sealed class Records(Cluster cluster) : IClassFixture<Cluster>
{
    private INoteGrain Grain(string key) => cluster.Get<INoteGrain>(key);

    [Fact]
    public async Task A_record_outlives_its_activation()
    {
        var grain = Grain("outlives");
        Assert.False(await grain.Exists());
        await grain.Write("first");
        await grain.WriteElsewhere("second");
        await cluster.Host.DeactivateAsync(grain).WaitAsync(Signals.Limit);
        Assert.Equal("first", await grain.Read());
        Assert.Equal("second", await grain.ReadElsewhere());
        Assert.True(await grain.Exists());
    }

    [Fact]
    public async Task What_was_not_written_is_gone_after_a_read()
    {
        var grain = Grain("refresh");
        await grain.Write("kept");
        await grain.Change("dropped");
        await grain.Refresh();
        Assert.Equal("kept", await grain.Read());
    }

    [Fact]
    public async Task A_cleared_record_is_new_again()
    {
        var grain = Grain("cleared");
        await grain.Write("something");
        await grain.Clear();
        Assert.Equal(("", false), (await grain.Read(), await grain.Exists()));
        await grain.Write("again");
        Assert.Equal("again", await grain.Read());
    }

    [Fact]
    public async Task Each_write_has_a_version_of_its_own()
    {
        var grain = Grain("version");
        Assert.Null(await grain.Version());
        await grain.Write("one");
        var first = await grain.Version();
        await grain.Write("two");
        Assert.NotNull(first);
        Assert.NotEqual(first, await grain.Version());
    }

    [Fact]
    public async Task A_write_over_a_version_it_has_not_seen_fails_and_ends_the_activation()
    {
        var grain = Grain("conflict");
        await grain.Write("mine");
        var storage = cluster.Host.GetSiloServiceProvider().GetRequiredKeyedService<IGrainStorage>("Default");
        var other = new GrainState<Note>();
        await storage.ReadStateAsync("note", grain.GetGrainId(), other);
        other.State!.Text = "theirs";
        await storage.WriteStateAsync("note", grain.GetGrainId(), other);

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Write("mine again").WaitAsync(Signals.Limit));
        Assert.Equal("theirs", await grain.Read().WaitAsync(Signals.Limit));
    }
}
