using Xunit;

namespace ChangeDetection.TestKit;

/// <summary>The heavier variants of the failure tests: more seeds, longer outages. They run where <c>CHANGEDETECTION_SOAK=1</c>.</summary>
public static class Soak
{
    private const string Variable = "CHANGEDETECTION_SOAK";

    public static bool IsOn { get; } = Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Skips the test, with the reason, unless the long ones were asked for.</summary>
    public static void OrSkip()
    {
        if (!IsOn)
            Assert.Skip($"Takes minutes; set {Variable}=1 to run it.");
    }
}
