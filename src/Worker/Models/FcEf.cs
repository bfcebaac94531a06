using ChangeDetection.Core.Configuration;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// FC-EF of Daudt, Le Saux, Boulch, "Fully convolutional siamese networks for change detection" (ICIP 2018): early fusion, which is to say one
/// U-shaped network over the channels of both dates side by side.
/// </summary>
public sealed class FcEf : ChangeNetwork
{
    private readonly FcEncoder _encoder;
    private readonly FcDecoder _decoder;

    [Implements(ModelNames.FcEf)]
    public static NetworkFactory Factory => new(config => new FcEf(config), ReceptiveField.Of(FcDecoder.ToInput));

    public FcEf(ModelConfig config) : base("fc-ef", config)
    {
        _encoder = new FcEncoder(this, 2 * config.Channels, config.Dropout);
        _decoder = new FcDecoder(this, skips: 1, config.Dropout);
    }

    public override Tensor forward(Tensor before, Tensor after)
    {
        var features = _encoder.Forward(cat([before, after], 1));
        return _decoder.Forward(features.Bottleneck, [features.Level4], [features.Level3], [features.Level2], [features.Level1]);
    }
}
