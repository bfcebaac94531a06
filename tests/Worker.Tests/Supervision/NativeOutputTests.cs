using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Tests.Supervision;

public sealed class NativeOutputTests
{
    [Theory]
    [InlineData("[W1129 22:37:25.538772256 NNPACK.cpp:56] Could not initialize NNPACK!",
        TrainerLogLevel.Warning, "libtorch, NNPACK.cpp:56: Could not initialize NNPACK!")]
    [InlineData("[W NNPACK.cpp:56] Could not initialize NNPACK!", TrainerLogLevel.Warning, "libtorch, NNPACK.cpp:56: Could not initialize NNPACK!")]
    [InlineData("W20261129 22:37:25.538772 12345 Context.cpp:80] slow", TrainerLogLevel.Warning, "libtorch, Context.cpp:80: slow")]
    [InlineData("[I1129 22:37:25.538772256 init.cpp:1] hello", TrainerLogLevel.Info, "libtorch, init.cpp:1: hello")]
    [InlineData("[E1129 22:37:25.538772256 CUDAException.h:3] no device", TrainerLogLevel.Error, "libtorch, CUDAException.h:3: no device")]
    [InlineData("Unhandled exception. System.Exception: W", TrainerLogLevel.Error, "Unhandled exception. System.Exception: W")]
    [InlineData("[W] something else", TrainerLogLevel.Error, "[W] something else")]
    public void Line_ByItsMark_HasItsLevelAndItsSource(string line, TrainerLogLevel level, string text) =>
        Assert.Equal(new LogMessage(level, text), new NativeOutput().Read(line));

    [Fact]
    public void Warning_ThatIsRepeated_IsToldOnce_AndErrorsEachTime()
    {
        var output = new NativeOutput();
        Assert.NotNull(output.Read("[W1129 22:37:25.538772256 NNPACK.cpp:56] Could not initialize NNPACK!"));
        Assert.Null(output.Read("[W1129 22:37:26.000000000 NNPACK.cpp:56] Could not initialize NNPACK!"));
        Assert.NotNull(output.Read("[W1129 22:37:26.000000000 NNPACK.cpp:57] Could not initialize NNPACK!"));
        Assert.Null(output.Read("  "));
        Assert.NotNull(output.Read("terminate called"));
        Assert.NotNull(output.Read("terminate called"));
    }
}
