using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Worker.Models;

/// <summary>How a network is built; each says so itself, marked with its name (<see cref="ImplementsAttribute"/>).</summary>
/// <param name="Field">How far an output pixel sees, by the network's layers; null where all of the image decides about each pixel.</param>
public sealed record NetworkFactory(Func<ModelConfig, ChangeNetwork> Create, ReceptiveField? Field = null);
