using ChangeDetection.Core.Configuration;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// A siamese change-detection network: two images [N, C, H, W] of the same place to log-probabilities [N, K, H, W] of
/// K classes, no change first; of two, (no change, change).
/// Any height and width from <see cref="MinimumSide"/> on. Random draws of training (dropout) come from torch's default generator.
/// </summary>
public abstract class ChangeNetwork : Module<Tensor, Tensor, Tensor>
{
    public const int MinimumSide = 16;

    protected ChangeNetwork(string name, ModelConfig config) : base(name) => (Channels, Classes) = (config.Channels, config.Classes);

    /// <summary>Channels per date.</summary>
    public int Channels { get; }

    /// <summary>K, the channels of the output.</summary>
    public int Classes { get; }

    /// <summary>Channels of a last layer of logits: one for two classes, that of change, else one for each.</summary>
    protected int LogitChannels => Classes == 2 ? 1 : Classes;

    /// <summary>The log-probabilities of logits [N, <see cref="LogitChannels"/>, H, W].</summary>
    protected Tensor OfLogits(Tensor logits) =>
        Classes == 2 ? cat([functional.logsigmoid(-logits), functional.logsigmoid(logits)], 1) : functional.log_softmax(logits, 1);

    /// <summary>Modules register parts of themselves here under the reference's flat names.</summary>
    internal new void register_module(string name, Module module) => base.register_module(name, module);
}
