using OrleansConcert.Api.Access;
using OrleansConcert.Api.Resources;

namespace OrleansConcert.Api.Streams;

/// <summary>The seats of one schedule as they change: what streams at one version are told is written once for all of them.</summary>
internal sealed class SeatFeed(
    House house, SeatMaps maps, Boards boards, Gatekeeper gatekeeper, TimeProvider time, ILogger<Feed> log, Action<Feed> rests)
    : Feed(boards, time, log, rests)
{
    private SeatMap? _map;

    /// <summary>A stream for the caller, to whom these seats were shown up to that version.</summary>
    public EventStream Of(Caller caller, long since) => new SeatStream(this, caller, since);

    protected override async Task Refresh() => _map = await maps.Newest(house);

    private async Task<bool> MayBrowse(Caller caller) => await gatekeeper.Refuses(Gate.Browse, caller) is null;

    private sealed class SeatStream(SeatFeed feed, Caller caller, long since) : EventStream(caller.UserId!)
    {
        /// <summary>How long a stream may outlive the right to it.</summary>
        private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(2);

        private long _version = since;
        private bool _isTold;
        private Instant? _checkAt;
        private Task _check = Task.CompletedTask;

        public override Feed Feed => feed;

        /// <summary>The token is looked at whether or not the seats can be: an open stream is its activity.</summary>
        protected override async Task Tell()
        {
            var sight = await feed.Look(caller.Token!);
            var now = feed.Now;
            _checkAt ??= now + Recheck;
            if (_checkAt <= now && _check.IsCompleted)
            {
                // Not waited for: a right that cannot be looked at now is looked at later.
                _checkAt = now + Recheck;
                _check = Check(sight);
            }

            if (feed.IsLearnt && feed._map is { } map && (!_isTold || map.Version != _version))
            {
                var part = map.Since(_version);
                if (TryWrite(part.Event, now))
                {
                    (_isTold, _version) = (true, part.Version);
                }
            }
        }

        private async Task Check(TokenSight? sight)
        {
            if (!await feed.MayBrowse(caller with { Sight = sight }))
            {
                End(default);
            }
        }
    }
}
