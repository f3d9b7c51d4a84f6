namespace Orleans.InProcess;

/// <summary>
/// The one way in which anything of the engine gets to run. Production gives the work to the thread pool; a simulation
/// picks from all that is ready by a seed.
/// </summary>
/// <remarks>Register one in DI before <c>UseOrleans</c> to replace the thread pool.</remarks>
public interface IEngineScheduler
{
    /// <summary>Where the loops of the engine itself run.</summary>
    TaskScheduler Background { get; }

    /// <summary>
    /// Whether messages arrive when they are sent and answers complete their callers' tasks at once, without
    /// <see cref="Deliver"/>. Continuations then run elsewhere, never inline.
    /// </summary>
    bool IsImmediate { get; }

    /// <summary>How many turns one <see cref="Run"/> may take before it asks again, at least 1.</summary>
    int TurnsPerRun { get; }

    /// <summary>How many activations of a stateless worker there are unless its attribute says so.</summary>
    int Parallelism { get; }

    /// <summary>Calls <see cref="IThreadPoolWorkItem.Execute"/> once, soon, never inline: an activation with turns to run.</summary>
    void Run(IThreadPoolWorkItem turns);

    /// <summary>Calls <see cref="IThreadPoolWorkItem.Execute"/> once, soon, in any order: a message or an answer arrives.</summary>
    void Deliver(IThreadPoolWorkItem message);

    /// <summary>Throws where the calling thread must not use the engine.</summary>
    void CheckCaller();
}
