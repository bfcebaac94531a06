using System.Runtime.InteropServices;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Supervision;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Tests.Attempts;

/// <summary>Which failures are looked into before they are charged to a run.</summary>
public sealed class MachineFaultsTests
{
    private const int NoSpace = 28;

    public static TheoryData<Exception, Suspect> Failures => new()
    {
        { new ExternalException("CUDA error: an illegal memory access was encountered"), Suspect.Device },
        { new DeviceUnavailableException("libtorch sees no device 'cuda:0'."), Suspect.Device },
        { new TypeInitializationException("TorchSharp.torch", new NotSupportedException("libtorch")), Suspect.Device },
        { new ExternalException("Given groups=1, weight of size [1] expected input to have 3 channels"), Suspect.Machine },
        { new StorageRefusedException("s3://b: writing 'k' was refused: 403."), Suspect.Machine },
        { new StorageUnavailableException("s3://b: writing 'k' failed 8 times"), Suspect.Machine },
        { new CheckpointsFailedException(new IOException("Permission denied")), Suspect.Machine },
        { new UnauthorizedAccessException("/mnt/store"), Suspect.Machine },
        { new DivergedException("The loss became NaN", 1, 1), Suspect.None },
        { new ObjectNotFoundException(new Uri("file:///store"), new ObjectKey("a")), Suspect.None },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public void Outcome_OfAFailure_SaysWhetherTheMachineIsToBeChecked(Exception failure, Suspect expected)
    {
        var outcome = FailureReasons.Outcome(failure);
        Assert.Equal((TrainerEnd.Failed, expected), (outcome.End, outcome.Suspect));
        var read = Assert.IsType<EndMessage>(ProtocolJson.ReadTrainer(ProtocolJson.Write(new EndMessage(outcome))));
        Assert.Equal(expected, AttemptResult.Of(read.Outcome, cause: null, forced: false, () => throw new InvalidOperationException()).Suspect);
    }

    [Fact]
    public void Outcome_OfMemoryThatRanOut_IsTheRunsOwn() =>
        Assert.Equal(Suspect.None, FailureReasons.Outcome(new ExternalException("CUDA out of memory. Tried to allocate 20 GiB")).Suspect);

    [Fact]
    public void Outcome_OfADiskThatIsFull_RefusesTheRun_WhichAnotherMachineMayHaveRoomFor()
    {
        var outcome = FailureReasons.Outcome(new CheckpointsFailedException(new IOException("No space left on device") { HResult = NoSpace }));
        Assert.Equal((TrainerEnd.Refused, Suspect.Machine), (outcome.End, outcome.Suspect));
        Assert.Contains(Environment.MachineName, outcome.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(139, Suspect.Device)]
    [InlineData(1, Suspect.Device)]
    public void Death_IsTheDevicesUntilACheckPasses(int exitCode, Suspect expected) =>
        Assert.Equal(expected, AttemptResult.Of(null, null, forced: false, () => new PostMortem { ExitCode = exitCode }).Suspect);

    [Fact]
    public void Death_OfWhatIsOutOfMemory_IsTheRunsOwn()
    {
        var result = AttemptResult.Of(null, null, forced: false, () => new PostMortem { ExitCode = 137, OutOfMemory = () => true });
        Assert.Equal((AttemptEnding.Died, Suspect.None), (result.Ending, result.Suspect));
    }
}
