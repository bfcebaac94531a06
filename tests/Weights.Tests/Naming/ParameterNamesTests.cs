using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Naming;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.Tests.Naming;

public sealed class ParameterNamesTests
{
    [Fact]
    public void Rename_ByTheFirstRuleThatMatches_SaysHowManyEachRenamed()
    {
        var renamed = ParameterNames.Rename(Of("features.0.weight", "features.1.weight", "head.bias"), ["features.0=stem", "features=stages"], "f.pth");

        Assert.Equal(["head.bias", "stages.1.weight", "stem.weight"], Names(renamed));
        Assert.All(renamed.Tensors, named => Assert.Equal(named.Key, named.Value.Name));
        Assert.Equal(["Renamed by features.0=stem: 1 of 3 tensors.", "Renamed by features=stages: 1 of 3 tensors."], renamed.Notes);
    }

    [Fact]
    public void Rename_RulesThatMatchNothing_AreOneError_WithWhatIsNear()
    {
        var refused = Assert.Throws<CheckpointInvalidException>(
            () => ParameterNames.Rename(Of("features.0.weight", "classifier.1.bias"), ["featurs=a", "zzz=b"], "f.pth"));

        Assert.StartsWith("f.pth: the rule 'featurs=a' renames nothing", refused.Message, StringComparison.Ordinal);
        Assert.Contains("the nearest are 'features'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("\nthe rule 'zzz=b' renames nothing: no name begins with 'zzz'; they begin with 'classifier', 'features'", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Rename_ARuleThatAnotherTakesEverythingFrom_IsAnError()
    {
        var refused = Assert.Throws<CheckpointInvalidException>(() => ParameterNames.Rename(Of("a.0.w", "a.1.w"), ["a=b", "a.1=c"], "f.pth"));

        Assert.Contains("'a.1=c' renames nothing", refused.Message, StringComparison.Ordinal);
        Assert.Contains("a rule before it takes them all", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rename_OfTwoTensorsToOneName_IsRefused()
    {
        var refused = Assert.Throws<CheckpointInvalidException>(() => ParameterNames.Rename(Of("a.w", "b.w"), ["a=b"], "f.pth"));

        Assert.Equal("f.pth: 'a.w' and 'b.w' would both be named 'b.w'.", refused.Message);
    }

    [Theory]
    [InlineData("module.", "module.a.w", "module.b")]
    [InlineData("module.module.module.", "module.module.module.a.w", "module.module.module.b")]
    [InlineData("module._orig_mod.", "module._orig_mod.a.w", "module._orig_mod.b", "n_averaged")]
    [InlineData("model.net.", "model.net.a.w", "model.net.b")]
    [InlineData("", "module.a.w", "b")]
    [InlineData("", "module.", "module.b")]
    [InlineData("", "modules.a.w", "modules.b")]
    public void Remove_WhatStandsBeforeEveryName_AndNothingElse(string wrapping, params string[] names)
    {
        var unwrapped = NameWrappings.Remove(Of(names));

        Assert.Equal(
            names.Where(name => wrapping.Length == 0 || name != "n_averaged").Select(name => name[wrapping.Length..]).Order(StringComparer.Ordinal),
            Names(unwrapped));
        if (wrapping.Length == 0)
            Assert.Empty(unwrapped.Notes);
        else
            Assert.StartsWith($"All names began with '{wrapping}'", Assert.Single(unwrapped.Notes), StringComparison.Ordinal);
    }

    private static WeightsFile Of(params string[] names) =>
        new(names.ToDictionary(name => name, name => new TensorData(name, TensorType.F32, [1], new byte[4])), []);

    private static IEnumerable<string> Names(WeightsFile file) => file.Tensors.Keys.Order(StringComparer.Ordinal);
}
