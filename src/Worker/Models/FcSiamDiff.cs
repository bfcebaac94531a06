using ChangeDetection.Core.Configuration;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// FC-Siam-diff of Daudt, Le Saux, Boulch, "Fully convolutional siamese networks for change detection" (ICIP 2018): one encoder run on either
/// date, the decoder fed with absolute differences. The dates pass one after the other, so running statistics are updated
/// twice per step, batch statistics are each date's own, and dropout masks differ.
/// </summary>
public sealed class FcSiamDiff : ChangeNetwork
{
    private readonly FcEncoder _encoder;
    private readonly FcDecoder _decoder;

    [Implements(ModelNames.FcSiamDiff)]
    public static NetworkFactory Factory => new(config => new FcSiamDiff(config), ReceptiveField.Of(FcDecoder.ToInput));

    public FcSiamDiff(ModelConfig config) : base("fc-siam-diff", config)
    {
        _encoder = new FcEncoder(this, config.Channels, config.Dropout);
        _decoder = new FcDecoder(this, skips: 1, config.Dropout);
    }

    public override Tensor forward(Tensor before, Tensor after)
    {
        var a = _encoder.Forward(before);
        var b = _encoder.Forward(after);
        return _decoder.Forward(b.Bottleneck, Difference(a.Level4, b.Level4), Difference(a.Level3, b.Level3),
            Difference(a.Level2, b.Level2), Difference(a.Level1, b.Level1));
    }

    private static Tensor[] Difference(Tensor before, Tensor after) => [(before - after).abs()];
}
