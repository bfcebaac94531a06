namespace ChangeDetection.Worker.Tests;

/// <summary>Tests that use libtorch run one after the other: its random generator and thread count belong to the process.</summary>
[CollectionDefinition(Name)]
public sealed class TorchCollection
{
    public const string Name = "libtorch";
}
