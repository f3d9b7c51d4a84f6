using System.Globalization;
using System.Runtime.InteropServices;

namespace OrleansConcert.Postgres;

/// <summary>The processes of a server as the system shows them.</summary>
public sealed partial class ThrowawayPostgres
{
    private const int Sigint = 2;
    private const int Sigquit = 3;
    private const int Sigkill = 9;
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    private int Postmaster => _postmaster?.Id ?? throw new InvalidOperationException("The server does not run.");

    /// <summary>Stops all its processes where they are: it neither answers nor lets go of anything.</summary>
    public void Freeze()
    {
        Send(Sigstop, Postmaster);
        WaitUntilStopped(Postmaster);
        var others = Processes()[1..];
        Send(Sigstop, others);
        WaitUntilStopped(others);
    }

    /// <summary>Lets a frozen one go on.</summary>
    public void Thaw() => Send(Sigcont, Processes());

    /// <summary>The postmaster, then what it has started; the latter may change while the former runs.</summary>
    private int[] Processes() =>
    [
        Postmaster,
        .. File.ReadAllText($"/proc/{Postmaster}/task/{Postmaster}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(number => int.Parse(number, CultureInfo.InvariantCulture)),
    ];

    /// <summary>Such a process shows where its client is.</summary>
    private static bool ServesConnection(int process) =>
        File.ReadAllText($"/proc/{process}/cmdline").Contains(" 127.0.0.1(", StringComparison.Ordinal);

    private static void WaitUntilStopped(params int[] processes)
    {
        if (!SpinWait.SpinUntil(() => processes.All(HasStopped), Patience))
        {
            throw new TimeoutException($"Not all of the processes {string.Join(", ", processes)} stopped.");
        }
    }

    private static bool HasStopped(int process)
    {
        var shown = File.ReadAllText($"/proc/{process}/stat");
        return shown[shown.LastIndexOf(')') + 2] is 'T' or 'Z';
    }

    /// <summary>One that has ended in the meantime is left out.</summary>
    private static void Send(int signal, params int[] processes)
    {
        foreach (var process in processes)
        {
            _ = Kill(process, signal);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
