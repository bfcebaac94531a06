using ChangeDetection.Scheduler.Commands;

var terminal = Terminal.OfProcess();
return await CommandLine.RunAsync(CommandLine.Create(terminal), args, terminal);
