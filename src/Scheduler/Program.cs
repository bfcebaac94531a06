using ChangeDetection.Scheduler.Cli;
using ChangeDetection.Scheduler.Cli.Output;

var terminal = Terminal.OfProcess();
return await CommandLine.RunAsync(CommandLine.Create(terminal), args, terminal);
