using ChangeDetection.Core.Configuration;
using ChangeDetection.Weights.Export;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Training;
using ChangeDetection.Worker.Training.Losses;
using ChangeDetection.Worker.Training.Optimizers;

namespace ChangeDetection.Worker.Tests;

/// <summary>The names that Core lets a config use are those that something is marked with, and each once.</summary>
public sealed class CatalogueTests
{
    [Fact]
    public void Networks_HaveAFactoryEach() => AssertEqual(ModelNames.All, ModelCatalogue.Factories);

    [Fact]
    public void Networks_HaveADescriptionToExportEach() => AssertEqual(ModelNames.All, NetworkExport.Descriptions);

    [Fact]
    public void Losses_HaveAFactoryEach() => AssertEqual(LossNames.All, LossCatalogue.Factories);

    [Fact]
    public void Optimizers_HaveAFactoryEach() => AssertEqual(OptimizerNames.All, OptimizerCatalogue.Factories);

    [Fact]
    public void Schedules_HaveAFactorEach() => AssertEqual(ScheduleNames.All, LearningRates.Factors);

    private static void AssertEqual<T>(IReadOnlyList<string> names, Implementations<T> implementations) where T : class
    {
        Assert.All(names, name => Assert.NotNull(implementations[name]));
        Assert.Equal(names.Order(StringComparer.Ordinal), implementations.Names);
    }
}
