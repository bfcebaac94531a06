using System.Globalization;
using System.Runtime.CompilerServices;

/// <summary>
/// Part of every program, tests included (Directory.Build.targets): numbers, dates and case are written and read in one way, whatever the machine's
/// language. ICU is there for Unicode's forms of names alone.
/// </summary>
internal static class InvariantCulture
{
    /// <summary>Runs before anything else of the program does.</summary>
    [ModuleInitializer]
    internal static void Pin()
    {
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
    }
}
