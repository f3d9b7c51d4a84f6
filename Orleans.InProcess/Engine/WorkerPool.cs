using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>The activations of one stateless worker. A call goes to the least busy; a new one is made while all are busy.</summary>
internal sealed class WorkerPool(Engine engine, GrainId id, GrainClass grainClass, int most) : Destination
{
    private readonly Lock _lock = new();
    private readonly List<Worker> _workers = [];
    private bool _isClosed;

    internal override bool IsClosed => Volatile.Read(ref _isClosed);

    /// <inheritdoc/>
    internal override void Receive(Call call)
    {
        Activation? activation = null;
        lock (_lock)
        {
            if (!_isClosed)
            {
                var worker = LeastBusy();
                worker.Load++;
                activation = worker.Activation;
            }
        }

        if (activation is null)
        {
            engine.Route(call);
        }
        else
        {
            activation.Receive(call);
        }
    }

    /// <summary>A call has left a worker, one way or another.</summary>
    internal void Leave(Activation activation)
    {
        lock (_lock)
        {
            if (_workers.Find(worker => worker.Activation == activation) is { } worker)
            {
                worker.Load = Math.Max(0, worker.Load - 1);
            }
        }
    }

    /// <summary>A worker ends; whether it was the last, so that the pool is closed.</summary>
    internal bool Remove(Activation activation)
    {
        lock (_lock)
        {
            _workers.RemoveAll(worker => worker.Activation == activation);
            return Volatile.Read(ref _isClosed) || (_isClosed = _workers.Count == 0);
        }
    }

    private Worker LeastBusy()
    {
        var least = _workers.MinBy(worker => worker.Load);
        if (least is null || (least.Load > 0 && _workers.Count < most))
        {
            least = new Worker(new Activation(engine, id, grainClass) { Pool = this });
            _workers.Add(least);
        }

        return least;
    }

    private sealed class Worker(Activation activation)
    {
        internal Activation Activation { get; } = activation;

        internal int Load { get; set; }
    }
}
