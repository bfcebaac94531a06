using ChangeDetection.Datasets.Tests;
using ChangeDetection.TestKit;
using Xunit.MicrosoftTestingPlatform;

namespace ChangeDetection.Soak.Tests;

internal static class Program
{
    private static Task<int> Main(string[] arguments) =>
        ChildRole.Chosen is { } role
            ? Task.FromResult(ChildParts.Play(role, arguments))
            : TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
}
