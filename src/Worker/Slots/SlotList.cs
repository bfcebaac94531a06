using System.Text.RegularExpressions;

namespace ChangeDetection.Worker.Slots;

/// <summary>The setting <c>--slots</c>.</summary>
public static partial class SlotList
{
    /// <summary>Parses <c>cuda:0,cuda:1</c> or <c>cpu</c>; <c>cpu,cpu:1</c> runs two trainers on the CPU at once.</summary>
    /// <exception cref="FormatException">A name is not of these forms, or stands twice.</exception>
    public static IReadOnlyList<Slot> Parse(string text)
    {
        var names = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names.Length == 0)
            throw new FormatException("--slots is empty. Name devices such as 'cpu' or 'cuda:0,cuda:1', or leave it out to use what is there.");
        var wrong = names.FirstOrDefault(name => !SlotName().IsMatch(name));
        if (wrong is not null)
            throw new FormatException($"--slots: '{wrong}' is no device. Use 'cpu', 'cpu:N' or 'cuda:N'.");
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Length)
            throw new FormatException($"--slots: '{text}' names a slot twice.");
        return [.. names.Select(name => new Slot(name, name.StartsWith("cpu", StringComparison.Ordinal) ? "CPU" : "GPU"))];
    }

    [GeneratedRegex(@"^(cpu(:[0-9]{1,3})?|cuda:[0-9]{1,3})$")]
    private static partial Regex SlotName();
}
