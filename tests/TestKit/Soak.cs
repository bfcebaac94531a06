using Xunit;

namespace ChangeDetection.TestKit;

/// <summary>The switch for what takes longer than a test suite should: many seeds, long outages, minutes of chaos.</summary>
public static class Soak
{
    public const string Variable = "CHANGEDETECTION_SOAK";

    public static bool IsOn => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Skips the test unless the switch is on.</summary>
    public static void OrSkip() => Assert.SkipUnless(IsOn, $"takes minutes; set {Variable}=1 to run it");
}
