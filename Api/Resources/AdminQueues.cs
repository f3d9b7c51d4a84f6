using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;
using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Api.Resources;

/// <summary>An operator's hand on the queues: their policies, pausing, draining, ending somebody's token.</summary>
internal sealed class AdminQueues(IGrainFactory grains, Boards boards) : IResource
{
    private const string Path = "/v1/admin/queues";
    private const string One = Path + "/{queueId}";

    public void Map(Routes routes)
    {
        routes.Get(Path, Gate.Admin, List);
        routes.Get(One, Gate.Admin, Get);
        routes.Put(One, Gate.Admin, QueueChange.Read, (call, change) => Changing(call, Put(call, change)));
        routes.Post(One + "/pause", Gate.Admin, call => Changing(call, Set(call, QueueMode.Paused)));
        routes.Post(One + "/resume", Gate.Admin, call => Changing(call, Set(call, QueueMode.Open)));
        routes.Post(One + "/drain", Gate.Admin, call => Changing(call, Set(call, QueueMode.Draining)));
        routes.Post(One + "/tokens/end", Gate.Admin, ReadEnd, (call, wanted) => Changing(call, End(call, wanted)));
    }

    /// <summary>Who asks this host after the answer sees what was changed.</summary>
    private async Task<Reply> Changing(Call call, Task<Reply> change)
    {
        var reply = await change;
        boards.Changed(call.Named("queueId"));
        return reply;
    }

    private static (string UserId, string Why) ReadEnd(Fields fields) =>
        (fields.Only("userId", "why").Named("userId", Names.IsUserId, Names.UserIdRule), fields.Why());

    private async Task<Reply> List(Call call)
    {
        var ids = await grains.Catalog().Queues();
        var queues = await Task.WhenAll(ids.Select(id => grains.Queue(id).Get()));
        return Reply.OfEdge(new QueuesShape([.. queues.Select(queue => queue.Value).OfType<QueueView>()]));
    }

    private async Task<Reply> Get(Call call)
    {
        var id = call.Named("queueId");
        var answer = Names.IsId(id) ? await grains.Queue(id).Get() : new QueueRefused(QueueRefusal.QueueNotFound);
        return answer.Value is { } queue ? Reply.Of(queue) : answer.Refused!.ToProblem();
    }

    /// <summary>Changes the queue, or makes it where there is none; listed first, so that none is made unseen.</summary>
    private async Task<Reply> Put(Call call, QueueChange change)
    {
        var id = call.Named("queueId");
        if (!Names.IsId(id))
        {
            return new QueueRefused(QueueRefusal.QueueNotFound).ToProblem();
        }

        var present = (await grains.Queue(id).Get()).Value;
        if (present is null)
        {
            await grains.Catalog().AddQueue(id);
        }

        var preset = change.Preset ?? Preset.Standard;
        return Reply.Of(await grains.Queue(id).Put(
            change.Preset?.Name ?? present?.Preset ?? preset.Name,
            change.Over(change.Preset is null ? present?.Policy ?? preset.Queue : preset.Queue)));
    }

    private async Task<Reply> Set(Call call, QueueMode mode)
    {
        var id = call.Named("queueId");
        return Names.IsId(id)
            ? Reply.Of(await grains.Queue(id).SetMode(mode, call.Repeat), call.Repeat)
            : new QueueRefused(QueueRefusal.QueueNotFound).ToProblem();
    }

    /// <summary>Through the token, which gives its holds back; a user without one has nothing to end, but for what a key has ended.</summary>
    private async Task<Reply> End(Call call, (string UserId, string Why) wanted)
    {
        var id = call.Named("queueId");
        if (!Names.IsId(id))
        {
            return new QueueRefused(QueueRefusal.QueueNotFound).ToProblem();
        }

        var ticket = await grains.Queue(id).TicketOf(wanted.UserId);
        return Reply.Of(
            await (ticket == 0
                ? grains.Queue(id).End(ticket, wanted.Why, call.Repeat)
                : grains.Token(id, ticket).End(wanted.UserId, wanted.Why, call.Repeat)),
            call.Repeat,
            refused => refused is QueueRefused { Reason: QueueRefusal.NotInQueue }
                ? new(ProblemCode.NotInQueue, $"The user '{wanted.UserId}' has no place in the queue.")
                : refused.ToProblem());
    }
}

/// <summary>Which members of a queue's policy are to change, and how.</summary>
/// <param name="Preset">What they start from; null for the policy that the queue has.</param>
/// <param name="Over">Lays the members that were sent over a policy.</param>
internal sealed record QueueChange(Preset? Preset, Func<QueuePolicy, QueuePolicy> Over)
{
    public static QueueChange Read(Fields fields)
    {
        fields.Only(
            "preset", "reissue", "admitCount", "admitEvery", "maxActive", "admitOnPoll", "activeTtl", "activeIdleTimeout",
            "waitingIdleTimeout", "walletGate", "browseGate");
        var name = fields.Text("preset");
        var preset = name is null ? null : Preset.Find(name);
        if (fields.Has("preset") && preset is null)
        {
            fields.Fault("preset", string.Join(" or ", Preset.All.Select(one => one.Name)));
        }

        QueuePolicy Over(QueuePolicy present) => Lay(fields, present);

        // Laid over a policy within its bounds, whatever is out of bounds was sent.
        foreach (var (member, allowed) in Over(Preset.Standard.Queue).Violations())
        {
            fields.Fault(member, allowed);
        }

        return new(preset, Over);
    }

    private static QueuePolicy Lay(Fields fields, QueuePolicy present) => present with
    {
        Reissue = fields.Choice("reissue", present.Reissue),
        AdmitCount = fields.CountOrNull("admitCount", present.AdmitCount),
        AdmitEvery = fields.Duration("admitEvery", present.AdmitEvery),
        MaxActive = fields.CountOrNull("maxActive", present.MaxActive),
        AdmitOnPoll = fields.Flag("admitOnPoll", present.AdmitOnPoll),
        ActiveTtl = fields.Duration("activeTtl", present.ActiveTtl),
        ActiveIdleTimeout = fields.DurationOrNull("activeIdleTimeout", present.ActiveIdleTimeout),
        WaitingIdleTimeout = fields.DurationOrNull("waitingIdleTimeout", present.WaitingIdleTimeout),
        WalletGate = fields.Choice("walletGate", present.WalletGate),
        BrowseGate = fields.Choice("browseGate", present.BrowseGate),
    };
}
