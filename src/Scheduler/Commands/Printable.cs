namespace ChangeDetection.Scheduler.Commands;

/// <summary>Text from elsewhere on our terminal: control characters (escape sequences among them) become visible instead of taking effect.</summary>
internal static class Printable
{
    public static string Text(string text) =>
        text.Any(IsControl) ? string.Concat(text.Select(c => IsControl(c) ? '\uFFFD' : c)) : text;

    private static bool IsControl(char c) => char.IsControl(c) && c is not '\t';
}
