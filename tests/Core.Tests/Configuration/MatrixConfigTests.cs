using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class MatrixConfigTests
{
    private const string Matrix = "matrix=[{ key: model.name, values: [fc-ef, fc-siam-diff] }, { key: optimizer.lr, values: [1e-3, 1e-4] }]";

    [Fact]
    public void Expand_MatrixAndSeeds_GivesEachCombinationWithEachSeed()
    {
        var config = Texts.Read(Texts.Documented, Matrix, "seeds=3");

        var runs = ExperimentMatrix.Expand(config);

        Assert.Equal(12, runs.Count);
        Assert.Equal(["fc-ef", "fc-siam-diff"], runs.Select(run => run.Model.Name).Distinct());
        Assert.Equal([7L, 8, 9], runs.Take(3).Select(run => run.Seed));
        Assert.Equal((1e-3, 1e-4), (runs[0].Optimizer.Lr, runs[3].Optimizer.Lr));
        Assert.Equal($"{config.Name} fc-ef 1e-3", runs[0].Name);
        Assert.Equal($"{config.Name} fc-ef 1e-3 seed 8", ExperimentMatrix.RunName(runs[1], config));
        Assert.All(runs, run => Assert.Equal(run, ExperimentJson.Deserialize(ExperimentJson.Serialize(run))));
    }

    [Fact]
    public void Expand_OneRun_IsTheConfigItself_WithTheDigestItAlwaysHad()
    {
        var config = Texts.Read(Texts.Documented);

        Assert.Same(config, Assert.Single(ExperimentMatrix.Expand(config)));
        var run = ExperimentMatrix.Expand(Texts.Read(Texts.Documented, "matrix=[{ key: seed, values: [7, 8] }]"))[0];
        Assert.Equal(ExperimentDigest.Of(config), ExperimentDigest.Of(run));
    }

    [Fact]
    public void Digest_OfAMatrix_IsItsOwn_AndPublishedFiguresChangeNone()
    {
        var plain = ExperimentDigest.Of(Texts.Read(Texts.Documented));

        Assert.NotEqual(plain, ExperimentDigest.Of(Texts.Read(Texts.Documented, "seeds=2")));
        Assert.NotEqual(plain, ExperimentDigest.Of(Texts.Read(Texts.Documented, Matrix)));
        Assert.Equal(plain, ExperimentDigest.Of(Texts.Read(Texts.Documented, "published=[{ model: fc-ef, source: a paper, f1: 0.5 }]")));
    }

    [Theory]
    [InlineData("matrix=[{ key: model.nme, values: [fc-ef] }]", "with model.nme=\"fc-ef\": model.nme is not a known key", "Did you mean 'name'?")]
    [InlineData("matrix=[{ key: model.name, values: [fc-ef, fc-fe] }]", "with model.name=\"fc-fe\": model.name must be", "Did you mean 'fc-ef'?")]
    [InlineData("matrix=[{ key: model.activation, values: [none, relu] }]", "is a choice of siamese-fcnn alone", "Leave it out")]
    [InlineData("matrix=[{ key: model.name, values: [] }]", "has an axis without values", "Write one or more.")]
    [InlineData("matrix=[{ key: name, values: [a, b] }]", "has the axis name, which tells no run from another", "Name a key that changes")]
    [InlineData("matrix=[{ key: seed, values: [1, [2]] }]", "must be a single value", null)]
    [InlineData("matrix=[{ key: Model name, values: [1] }]", "must be a dotted key", null)]
    [InlineData(
        "matrix=[{ key: train.epochs, values: [1,2,3,4,5,6,7,8,9] }, { key: seed, values: [1,2,3,4,5,6,7,8,9,10] }, { key: train.batch_size, " +
        "values: [1,2,3] }]", "asks for 270 runs, and 256 are allowed", "in parts")]
    [InlineData("published=[{ model: fc-ef, source: x, f1: 51.4 }]", "must be a number from -1 to 1", null)]
    public void Read_WrongMatrix_SaysWhichCombinationAndWhy(string option, string message, string? remedy)
    {
        var error = Assert.Single(Assert.Throws<ConfigurationException>(() => Texts.Read(Texts.Documented, option)).Errors);

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        if (remedy is not null)
            Assert.Contains(remedy, error.Suggestion, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeedsTwice_IsRefused()
    {
        var error = Assert.Single(Assert.Throws<ConfigurationException>(
            () => Texts.Read(Texts.Documented, "seeds=2", "matrix=[{ key: seed, values: [1, 2] }]")).Errors);
        Assert.Equal("seeds", error.Path);
    }

    [Theory]
    [InlineData("szada", "fc-ef", "szada fc-ef")]
    [InlineData("-a", "[1, 2]/x.", "a -1- 2--x")]
    [InlineData("", "", "unnamed")]
    public void Name_OfAnyWords_IsOneThatAConfigTakes(string one, string other, string expected)
    {
        Assert.Equal(expected, ExperimentName.Of([one, other]));
        Assert.Equal(expected, Texts.Read(Texts.Documented, $"name=\"{expected}\"").Name);
        Assert.Equal(80, ExperimentName.Of([new string('x', 200)]).Length);
    }
}
