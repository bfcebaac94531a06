using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Training;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

[Collection(TorchCollection.Name)]
public sealed class LearningRateTests
{
    private const double Rate = 0.1;
    private const int Epochs = 6;
    private const int StepsPerEpoch = 5;
    private const int Steps = Epochs * StepsPerEpoch;

    [Fact]
    public void Constant_IsTheRate() => Assert.All(Rates(new ScheduleConfig { Name = ScheduleNames.Constant }), rate => Assert.Equal(Rate, rate));

    [Fact]
    public void Exponential_FallsByGammaEachEpoch()
    {
        var rates = Rates(new ScheduleConfig { Name = ScheduleNames.Exponential, Gamma = 0.5 });

        Assert.Equal(Enumerable.Range(0, Steps).Select(step => Rate * Math.Pow(0.5, step / StepsPerEpoch)), rates);
    }

    [Fact]
    public void Step_FallsByGammaEverySoManyEpochs()
    {
        var rates = Rates(new ScheduleConfig { Name = ScheduleNames.Step, Gamma = 0.1, EveryEpochs = 4 });

        Assert.All(rates[..(4 * StepsPerEpoch)], rate => Assert.Equal(Rate, rate));
        Assert.All(rates[(4 * StepsPerEpoch)..], rate => Assert.Equal(0.01, rate, 1e-15));
    }

    [Fact]
    public void OneCycle_FollowsPyTorchs()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Linear(1, 1);
        var optimizer = optim.SGD(network.parameters(), Rate);
        var schedule = optim.lr_scheduler.OneCycleLR(optimizer, Rate, total_steps: Steps);
        foreach (var rate in Rates(new ScheduleConfig { Name = ScheduleNames.OneCycle }))
        {
            Assert.Equal(optimizer.ParamGroups.First().LearningRate, rate, 1e-12);
            optimizer.step();
            schedule.step();
        }
    }

    [Theory]
    [InlineData(ScheduleNames.Cosine)]
    [InlineData(ScheduleNames.Polynomial)]
    public void Falling_BeginsAtTheRateAndEndsAtTheFloor(string name)
    {
        var rates = Rates(new ScheduleConfig { Name = name, Floor = 0.02 });

        Assert.Equal(Rate, rates[0], 1e-12);
        Assert.Equal(0.02 * Rate, rates[^1], 1e-12);
        Assert.Equal(rates.OrderDescending(), rates);
        if (name == ScheduleNames.Cosine)
            Assert.Equal((1 + 0.02) / 2 * Rate, (rates[Steps / 2 - 1] + rates[Steps / 2]) / 2, 1e-12);
    }

    [Fact]
    public void WarmUp_RisesInEvenStepsAndThenFollowsTheSchedule()
    {
        var rates = Rates(new ScheduleConfig { Name = ScheduleNames.Cosine, WarmupEpochs = 1.6 });

        Assert.Equal(Enumerable.Range(1, 8).Select(step => Rate * step / 9), rates[..8].Select(rate => rate), (one, other) => Math.Abs(one - other) < 1e-12);
        Assert.Equal(Rate, rates[8], 1e-12);
        Assert.Equal(0, rates[^1], 1e-12);
    }

    [Fact]
    public void At_UnknownName_NamesTheKnownOnes()
    {
        var exception = Assert.Throws<ArgumentException>(() => Rates(new ScheduleConfig { Name = "none" }));

        Assert.All(ScheduleNames.All, name => Assert.Contains(name, exception.Message));
    }

    private static double[] Rates(ScheduleConfig schedule) =>
        [.. Enumerable.Range(0, Steps)
            .Select(step => LearningRates
                .At(new OptimizerConfig { Lr = Rate }, schedule, new ScheduleClock(step / StepsPerEpoch, step, Steps, StepsPerEpoch)))];
}
