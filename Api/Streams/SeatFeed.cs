using OrleansConcert.Api.Access;
using OrleansConcert.Api.Resources;

namespace OrleansConcert.Api.Streams;

/// <summary>The seats of one schedule as they change: what streams at one version are told is written once for all of them.</summary>
internal sealed class SeatFeed(
    House house, SeatMaps maps, Boards boards, Gatekeeper gatekeeper, TimeProvider time, ILogger<Feed> log) : Feed(time, log)
{
    private SeatMap? _map;

    /// <summary>A stream for the caller, to whom these seats were shown up to that version.</summary>
    public EventStream Of(Caller caller, long since) => new SeatStream(this, caller, since);

    protected override async Task Refresh() => _map = await maps.Newest(house);

    private async Task<bool> MayStillBrowse(Caller caller) =>
        await gatekeeper.Refuses(Gate.Browse, caller with { Sight = await boards.Sight(caller.Token!) }) is null;

    private sealed class SeatStream(SeatFeed feed, Caller caller, long since) : EventStream(caller.UserId!)
    {
        /// <summary>How long a stream may outlive the right to it.</summary>
        private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(2);

        private long _version = since;
        private bool _isTold;
        private Instant? _checkAt;

        public override Feed Feed => feed;

        public override async Task Tell(Instant now)
        {
            if (IsEnding)
            {
                return;
            }

            _checkAt ??= now + Recheck;
            if (_checkAt <= now)
            {
                _checkAt = now + Recheck;
                if (!await feed.MayStillBrowse(caller))
                {
                    End(default);
                    return;
                }
            }

            if (!_isTold || feed._map!.Version != _version)
            {
                var part = feed._map!.Since(_version);
                if (TryWrite(part.Event, now))
                {
                    (_isTold, _version) = (true, part.Version);
                }
            }
        }
    }
}
