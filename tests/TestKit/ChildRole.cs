using ChangeDetection.Core.Hosting;

namespace ChangeDetection.TestKit;

/// <summary>
/// Lets a test start its own test program as another process that plays a part, since some promises are about processes that die.
/// The part is chosen by an environment variable before any test framework runs (see the test projects' Program).
/// </summary>
public static class ChildRole
{
    public const string Variable = "CHANGEDETECTION_TEST_ROLE";

    /// <summary>The part this process shall play; null in the process that runs the tests.</summary>
    public static string? Chosen => Environment.GetEnvironmentVariable(Variable);

    /// <summary>The command that plays a part; its arguments reach the part as they are.</summary>
    public static ChildCommand Command(string role, params string[] arguments) => new(role, Environment.ProcessPath!, arguments)
    {
        Environment = new Dictionary<string, string?> { [Variable] = role },
    };
}
