namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// Makes a trainer the first that the kernel kills when memory runs out (proc(5), <c>oom_score_adj</c>). Its run goes on elsewhere or reports what to
/// change; a worker killed in its place would take all its trainers along and could tell nothing.
/// </summary>
internal static class OutOfMemoryScore
{
    private const string Score = "500";

    public static void Raise(int pid)
    {
        try
        {
            File.WriteAllText($"/proc/{pid}/oom_score_adj", Score);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Already gone, or a system without it: then the kernel chooses by size, which is the trainer as a rule.
        }
    }
}
