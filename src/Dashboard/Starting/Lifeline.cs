namespace ChangeDetection.Dashboard.Starting;

/// <summary>The pipe from the process that started this one: when it ends, so do we.</summary>
internal static class Lifeline
{
    public static void CancelAtEndOfInput(CancellationTokenSource stop)
    {
        var thread = new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            Span<byte> nothing = stackalloc byte[64];
            while (input.Read(nothing) > 0)
            {
            }
            stop.Cancel();
        })
        { IsBackground = true, Name = "lifeline" };
        thread.Start();
    }
}
