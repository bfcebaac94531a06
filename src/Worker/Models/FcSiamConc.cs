using ChangeDetection.Core.Configuration;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// FC-Siam-conc of Daudt, Le Saux, Boulch, "Fully convolutional siamese networks for change detection" (ICIP 2018): as
/// <see cref="FcSiamDiff"/>, with the features of both dates appended in place of their difference.
/// </summary>
public sealed class FcSiamConc : ChangeNetwork
{
    private readonly FcEncoder _encoder;
    private readonly FcDecoder _decoder;

    [Implements(ModelNames.FcSiamConc)]
    public static NetworkFactory Factory => new(config => new FcSiamConc(config), ReceptiveField.Of(FcDecoder.ToInput));

    public FcSiamConc(ModelConfig config) : base("fc-siam-conc", config)
    {
        _encoder = new FcEncoder(this, config.Channels, config.Dropout);
        _decoder = new FcDecoder(this, skips: 2, config.Dropout);
    }

    public override Tensor forward(Tensor before, Tensor after)
    {
        var a = _encoder.Forward(before);
        var b = _encoder.Forward(after);
        return _decoder.Forward(b.Bottleneck,
            [a.Level4, b.Level4], [a.Level3, b.Level3], [a.Level2, b.Level2], [a.Level1, b.Level1]);
    }
}
