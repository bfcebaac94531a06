using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using CsCheck;
using Npgsql;

namespace ChangeDetection.Core.Tests.Database;

public sealed class PostgresUrlTests
{
    private const string Canary = "canary7f3a";

    private static readonly Gen<string> s_name = Gen.Char[' ', '\u02ff'].Array[1, 12].Select(characters => new string(characters));
    private static readonly Gen<string> s_host = Gen.OneOf(
        Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789-."].Array[1, 12].Select(characters => "h" + new string(characters) + "1"),
        Gen.OneOf(Gen.Const("127.0.0.1"), Gen.Const("::1"), Gen.Const("fe80::1:2"), Gen.Const("/var/run/postgresql")));

    [Fact]
    public void Url_OfAnyUserPasswordDatabaseAndHosts_MeansWhatWasWritten() =>
        Gen.Select(s_name, s_name, s_name, Gen.Select(s_host, Gen.Int[1, 65535].Nullable()).Array[1, 3], Gen.Int[1, 300], s_name)
            .Sample((user, password, database, hosts, seconds, application) =>
            {
                var list = string.Join(',', hosts.Select(host => Host(host.Item1) + (host.Item2 is { } port ? $":{port}" : "")));
                var url = $"postgresql://{Escaped(user)}:{Escaped(password)}@{list}/{Escaped(database)}"
                    + $"?sslmode=verify-full&connect_timeout={seconds}&application_name={Escaped(application)}&target_session_attrs=read-write";

                var settings = PostgresUrl.Parse(url);

                Assert.Equal((user, password, database), (settings.Username, settings.Password, settings.Database));
                Assert.Equal((SslMode.VerifyFull, seconds, application), (settings.SslMode, settings.Timeout, settings.ApplicationName));
                Assert.Equal("read-write", settings.TargetSessionAttributes);
                if (hosts is [var (only, portOfOnly)])
                    Assert.Equal((only, portOfOnly ?? 5432), (settings.Host, settings.Port));
                else
                    Assert.Equal(hosts.Length, settings.Host!.Split(',').Length);
                // And Npgsql's own form of it is the same again.
                var again = DataSources.Settings(settings.ConnectionString);
                Assert.Equal((user, password, database), (again.Username, again.Password, again.Database));
            });

    [Theory]
    [InlineData("postgres://h/d", "h", 5432, "d")]
    [InlineData("POSTGRESQL://h:6543", "h", 6543, null)]
    [InlineData("postgresql://[2001:db8::1]:6543/d", "2001:db8::1", 6543, "d")]
    [InlineData("postgresql:///d?host=h&port=6543", "h", 6543, "d")]
    [InlineData("postgresql://u@%2Fvar%2Frun%2Fpostgresql/d", "/var/run/postgresql", 5432, "d")]
    [InlineData("postgresql://h/?dbname=d", "h", 5432, "d")]
    public void Url_InTheFormsOfLibpq_IsUnderstood(string url, string host, int port, string? database)
    {
        var settings = DataSources.Settings(url);
        Assert.Equal((host, port, database), (settings.Host, settings.Port, settings.Database));
    }

    [Fact]
    public void Url_OfSeveralHosts_MeansTheOneThatTakesWrites()
    {
        var settings = DataSources.Settings("postgresql://u:p@a:5432,[::1]:5433,c/d");
        Assert.Equal(("a:5432,[::1]:5433,c", "read-write"), (settings.Host, settings.TargetSessionAttributes));
        Assert.Equal("any", DataSources.Settings("postgresql://u:p@a,b/d?target_session_attrs=any").TargetSessionAttributes);
        Assert.Equal("read-write", DataSources.Settings("Host=a,b;Username=u").TargetSessionAttributes);
    }

    [Theory]
    [InlineData($"postgresql://u:{Canary}@h:x/d", "a port is no number")]
    [InlineData($"postgresql://u:{Canary}/{Canary}@h/d", "a port is no number")]
    [InlineData($"postgresql://u:{Canary}@{Canary}@h/d", "written %40")]
    [InlineData($"postgresql://u:{Canary}#@h/d", "written %23")]
    [InlineData($"postgresql://u:%zz{Canary}@h/d", "two hexadecimal digits")]
    [InlineData($"postgresql://u:p@h/d?{Canary}=1", "a parameter is not known")]
    [InlineData("postgresql://u:p@h/d?ssl_mode=require", "'ssl_mode' is not known here; known are host, port, application_name")]
    [InlineData($"postgresql://u:p@h/d?sslmode={Canary}", "'sslmode' has a value that it cannot have: it is one of disable, allow")]
    [InlineData($"postgresql://u:p@h/d?connect_timeout={Canary}", "it is a number of seconds")]
    [InlineData("postgresql://u:p@h/d?sslmode", "'sslmode' has no value")]
    [InlineData($"postgresql://{Canary}:p@/d", "names no Host")]
    [InlineData("postgresql://u:p@[::1/d", "no closing bracket")]
    [InlineData($"Host=h;Password=a;{Canary}=b", "no list of KEY=VALUE")]
    [InlineData($"Host=h;Port={Canary}", "no list of KEY=VALUE")]
    public void Text_ThatIsNone_IsRefusedWithoutRepeatingIt(string text, string expected)
    {
        var refused = Assert.Throws<SettingsException>(() => DataSources.Require(text));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains("CHANGEDETECTION_DATABASE", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, refused.Message, StringComparison.Ordinal);
    }

    private static string Escaped(string text) => Uri.EscapeDataString(text);

    private static string Host(string host) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host.Replace("/", "%2F", StringComparison.Ordinal);
}
