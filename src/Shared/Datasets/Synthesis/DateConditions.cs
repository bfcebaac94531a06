namespace ChangeDetection.Datasets.Synthesis;

internal enum Season { Spring, Summer, Autumn, Winter }

/// <summary>
/// Everything that differs between two flights over the same land and is no change: season, sun, air, camera and registration.
/// </summary>
/// <param name="Sun">Where shadows fall, in the image: a unit vector.</param>
/// <param name="ShadowLength">Length of a shadow for a height of one.</param>
/// <param name="Gain">Exposure per channel, colour cast included.</param>
/// <param name="Haze">How far everything is drawn to the colour of the air.</param>
/// <param name="ShiftX">Registration error in pixels; the other date has it the other way.</param>
/// <param name="Blur">Weight of each neighbour in a 1-2-1 like kernel.</param>
/// <param name="Noise">Amplitude of the sensor's noise.</param>
/// <param name="Cloud">Depth of the cloud shadows, 0 for a clear sky.</param>
internal sealed record DateConditions(Presence Date, Season Season, (float X, float Y) Sun, float ShadowLength, Rgb Gain, float Contrast, float Haze,
    float ShiftX, float ShiftY, float Blur, float Noise, float Cloud, uint Key)
{
    public static DateConditions Draw(long seed, long index, Presence date)
    {
        var random = new SceneRandom(seed, index, date == Presence.Before ? SceneStream.BeforeDate : SceneStream.AfterDate);
        var gain = random.Between(0.78f, 1.22f);
        return new DateConditions(
            date,
            (Season)random.Below(4),
            random.Direction(),
            random.Between(0.5f, 1.5f),
            new Rgb(gain * random.Between(0.93f, 1.07f), gain * random.Between(0.96f, 1.04f), gain * random.Between(0.92f, 1.08f)),
            random.Between(0.8f, 1.2f),
            random.Between(0, 0.22f),
            random.Between(-0.75f, 0.75f),
            random.Between(-0.75f, 0.75f),
            random.Between(0.02f, 0.18f),
            random.Between(0.008f, 0.03f),
            random.Chance(0.3f) ? random.Between(0.2f, 0.45f) : 0,
            random.Key());
    }
}
