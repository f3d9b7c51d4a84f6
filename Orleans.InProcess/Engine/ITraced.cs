namespace Orleans.InProcess;

/// <summary>Work that says what it is, for the trace of a simulation. The text is the same in every process.</summary>
internal interface ITraced
{
    Label Label { get; }
}
