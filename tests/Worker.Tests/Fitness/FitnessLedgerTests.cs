using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Workers;
using ChangeDetection.Worker.Fitness;
using ChangeDetection.Worker.Slots;

namespace ChangeDetection.Worker.Tests.Fitness;

public sealed class FitnessLedgerTests
{
    private static readonly Slot s_first = new("cuda:0", "GPU");
    private static readonly Slot s_second = new("cuda:1", "GPU");
    private static readonly BackOff s_pauses = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20));

    private readonly ManualTime _time = new();
    private readonly FitnessLedger _ledger;

    public FitnessLedgerTests() => _ledger = new FitnessLedger([s_first, s_second], s_pauses, _time);

    private IEnumerable<WorkerState> States => _ledger.Conditions().Select(slot => slot.State);

    [Fact]
    public void Trouble_OfADevice_IsItsSlotsAlone_AndThatOfTheMachineIsEverySlots()
    {
        _ledger.Checked("cuda:1", "broken");
        Assert.Equal([WorkerState.Ready, WorkerState.Unfit], States);
        _ledger.Checked(SelfCheck.Machine, "no store");
        Assert.Equal([WorkerState.Unfit, WorkerState.Unfit], States);
        Assert.Equal(["no store", "no store"], _ledger.Conditions().Select(slot => slot.Reason));

        _ledger.Checked(SelfCheck.Machine, null);
        Assert.Equal(["broken"], _ledger.Conditions().Select(slot => slot.Reason).OfType<string>());
        _ledger.Checked("cuda:1", null);
        Assert.Equal([WorkerState.Ready, WorkerState.Ready], States);
        Assert.Null(_ledger.NextLook);
    }

    [Fact]
    public void Trouble_ThatLasts_IsLookedAtWithGrowingPauses_AndFromTheBeginningAfterItHealed()
    {
        foreach (var pause in new[] { 5, 10, 20, 20 })
        {
            _ledger.Checked("cuda:0", "broken");
            _time.Advance(pause - 0.001);
            Assert.Empty(_ledger.Due().Subjects);
            _time.Advance(0.001);
            Assert.Equal(["cuda:0"], _ledger.Due().Subjects);
        }
        _ledger.Checked("cuda:0", null);
        _ledger.Checked("cuda:0", "broken again");
        Assert.Equal(_time.GetUtcNow() + s_pauses.First, _ledger.NextLook);
        _ledger.LookNow();
        Assert.Equal(["cuda:0"], _ledger.Due().Subjects);
    }

    [Fact]
    public void Slot_OnWhichTwoDifferentRunsDiedInARow_IsSetAside()
    {
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.False(_ledger.Died(s_first, one, "SIGSEGV"));
        Assert.False(_ledger.Died(s_first, one, "SIGSEGV"));
        Assert.False(_ledger.Died(s_second, other, "SIGSEGV"));
        Assert.True(_ledger.Died(s_first, other, "SIGBUS"));

        Assert.Equal([WorkerState.SetAside, WorkerState.Ready], States);
        Assert.EndsWith("at last: SIGBUS", _ledger.Conditions()[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Slot_OnWhichARunEndedWellInBetween_IsNotSetAside()
    {
        _ledger.Died(s_first, Guid.NewGuid(), "SIGSEGV");
        _ledger.Went(s_first);
        Assert.False(_ledger.Died(s_first, Guid.NewGuid(), "SIGSEGV"));
        Assert.Equal([WorkerState.Ready, WorkerState.Ready], States);
    }

    [Fact]
    public void Slot_ThatIsSetAsideAgainAndAgain_IsLeftAloneForLonger_UntilARunWentWell()
    {
        _ledger.Died(s_first, Guid.NewGuid(), "SIGSEGV");
        foreach (var pause in new[] { 60, 120, 240, 240 })
        {
            Assert.True(_ledger.Died(s_first, Guid.NewGuid(), "SIGSEGV"));
            _time.Advance(pause - 1);
            Assert.Empty(_ledger.Due().SetAside);
            _time.Advance(1);
            Assert.Equal([s_first], _ledger.Due().SetAside);
            _ledger.BroughtBack(s_first);
            Assert.Equal([WorkerState.Ready, WorkerState.Ready], States);
        }
        _ledger.Went(s_first);
        _ledger.Died(s_first, Guid.NewGuid(), "SIGSEGV");
        Assert.True(_ledger.Died(s_first, Guid.NewGuid(), "SIGSEGV"));
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(1), _ledger.NextLook);
    }

    private sealed class ManualTime : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public void Advance(double seconds) => _now += TimeSpan.FromSeconds(seconds);

        public override DateTimeOffset GetUtcNow() => _now;
    }
}
