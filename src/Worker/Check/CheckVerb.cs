using System.Reflection;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Check;

/// <summary>
/// <c>check</c>: whether this machine can train: its libtorch, its device, a step, a resumption to equal bits, and how fast it is. For
/// <c>deploy/gpu-check.sh</c> and for whoever sets up a worker; it needs neither database nor store.
/// </summary>
internal static class CheckVerb
{
    private const int Failed = 1;
    private const int Wrong = 2;

    public static async Task<int> RunAsync(string[] arguments, TimeProvider time)
    {
        CheckOptions options;
        try
        {
            options = CheckOptions.Parse(arguments);
        }
        catch (FormatException exception)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message}\n\n{CheckOptions.Usage}");
            return Wrong;
        }
        // Steps and trainers are children, which inherit it.
        if (options.Libtorch is { } libtorch)
            Environment.SetEnvironmentVariable(ExistingLibtorch.Variable, Path.GetFullPath(libtorch));
        var folder = Directory.CreateTempSubdirectory("changedetection-check-");
        try
        {
            var steps = CheckPlan.Of(options, TrainerCommand.Self(), folder.FullName);
            var report = new CheckReport
            {
                Planned = steps.Count,
                Device = options.Slot.Name,
                StartedAt = time.GetUtcNow(),
                Worker = typeof(CheckVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
                Machine = Facts(options.Facts),
            };
            return await new CheckRunner(options, Console.Out, time).RunAsync(steps, report) ? 0 : Failed;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static OrderedDictionary<string, string> Facts(string? file)
    {
        var facts = new OrderedDictionary<string, string> { ["processor"] = CpuName.OfThisMachine() };
        foreach (var line in file is null ? [] : File.ReadLines(file))
        {
            if (line.Split('\t', 2) is [var name, var value])
                facts[name] = value;
        }
        return facts;
    }
}
