using ChangeDetection.Core.Runs;
using ChangeDetection.Dashboard.Runs;

namespace ChangeDetection.Dashboard.Tests.Runs;

public sealed class RunFilterRuleTests
{
    private static readonly Experiment s_experiment = new() { Id = Guid.CreateVersion7(), Name = "szada-lr" };
    private static readonly RunRow s_row = new(
        new Run { Id = Guid.CreateVersion7(), Name = "lr=1e-3", State = RunState.Failed, Reason = "the loss is NaN" },
        "altair", new Dictionary<string, MetricSummary>(), null);

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    [InlineData("NAN")]
    [InlineData("szada 1e-3")]
    [InlineData("altair loss")]
    public void Matches_EveryWordSomewhere_Shows(string? text) => Assert.True(RunFilterRule.Matches(s_experiment, s_row, null, text));

    [Fact]
    public void Matches_OneWordNowhere_Hides() => Assert.False(RunFilterRule.Matches(s_experiment, s_row, null, "szada vega"));

    [Fact]
    public void Matches_AnotherState_Hides() => Assert.False(RunFilterRule.Matches(s_experiment, s_row, RunState.Running, "szada"));

    [Fact]
    public void Matches_TheIdOfTheExperiment_Shows() =>
        Assert.True(RunFilterRule.Matches(s_experiment, s_row, RunState.Failed, s_experiment.Id.ToString()));
}
