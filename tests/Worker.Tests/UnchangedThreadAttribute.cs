using System.Reflection;
using ChangeDetection.Worker.Tests;
using TorchSharp;
using Xunit.v3;

[assembly: UnchangedThread]

namespace ChangeDetection.Worker.Tests;

/// <summary>
/// Before each test: the thread that it begins on is as a thread of the pool has to be. Else a test before it waited between a change of its thread
/// and the end of that change, and the fault would show here as one of this test's own ("does not require grad").
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class UnchangedThreadAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        var changes = new List<string>();
        if (!torch.is_grad_enabled())
            changes.Add("no gradients are recorded");
        if (torch.is_inference_mode_enabled())
            changes.Add("inference mode is on");
        if (torch.CurrentDisposeScope is not null)
            changes.Add("a dispose scope is open");
        Assert.True(
            changes.Count == 0,
            "No fault of this test: an earlier one awaited inside a scope of libtorch, and left this thread changed " +
            $"({string.Join(", ", changes)}).");
    }
}
