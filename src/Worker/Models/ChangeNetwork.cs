using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// A siamese change-detection network: two images [N, C, H, W] of the same place to log-probabilities [N, 2, H, W] of (no change, change).
/// Any height and width from <see cref="MinimumSide"/> on. Random draws of training (dropout) come from torch's default generator.
/// </summary>
public abstract class ChangeNetwork : Module<Tensor, Tensor, Tensor>
{
    public const int MinimumSide = 16;

    protected ChangeNetwork(string name, int channels) : base(name) => Channels = channels;

    /// <summary>Channels per date.</summary>
    public int Channels { get; }

    /// <summary>Modules register parts of themselves here under the reference's flat names.</summary>
    internal new void register_module(string name, Module module) => base.register_module(name, module);
}
