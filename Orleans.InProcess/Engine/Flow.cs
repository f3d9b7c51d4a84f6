namespace Orleans.InProcess;

/// <summary>Keeps a caller's asynchronous flow (its AsyncLocal values) out of what outlives the call.</summary>
internal static class Flow
{
    /// <summary>Suppresses the flow until disposed, unless it is already.</summary>
    internal static Suppression Suppress() => new(ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow());

    internal readonly ref struct Suppression(AsyncFlowControl control)
    {
        public void Dispose()
        {
            if (control != default)
            {
                control.Undo();
            }
        }
    }
}
