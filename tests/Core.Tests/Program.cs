using ChangeDetection.TestKit;
using Xunit.MicrosoftTestingPlatform;

namespace ChangeDetection.Core.Tests;

internal static class Program
{
    private static Task<int> Main(string[] arguments) =>
        ChildRole.Chosen is { } role
            ? ChildParts.PlayAsync(role, arguments)
            : TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
}
