#!/usr/bin/perl
# Cables between the engine's network and the hosts': each joins two tun devices and carries packets between them, or
# does not. Real packets, so TCP itself meets the loss, the delay and the silence; kernels without netem have this, too.
#   perl wire.pl SEED NEAR0 FAR0 NEAR1 FAR1 ...    devices are made here; their other life is the caller's
# Commands by stdin, a line each; direction `up` is towards the host:
#   set I up|down PASS LOSS DELAY      PASS 0 swallows all; LOSS in percent; DELAY in ms
#   trap I up|down BYTES               both directions are swallowed once so many bytes more have gone that way; says `cut I`; BYTES 0 takes the trap away
use strict;
use warnings;
use Fcntl;
use Time::HiRes qw(time);

$| = 1;
srand(shift @ARGV);
my (@ways, %way_by_fd);
while (@ARGV) {
  my ($near, $far) = (device(shift @ARGV), device(shift @ARGV));
  my $up = { from => $near, to => $far, pass => 1, loss => 0, delay => 0, trap => undef, queue => [] };
  my $down = { from => $far, to => $near, pass => 1, loss => 0, delay => 0, trap => undef, queue => [] };
  push @ways, { up => $up, down => $down };
  $way_by_fd{fileno $near} = [$#ways, $up];
  $way_by_fd{fileno $far} = [$#ways, $down];
}
fcntl(STDIN, F_SETFL, fcntl(STDIN, F_GETFL, 0) | O_NONBLOCK);
print "ready\n";

my $heard = '';
while (1) {
  my $now = time;
  my $wait = 60;
  for my $cable (@ways) {
    for my $way (values %$cable) {
      my $queue = $way->{queue};
      while (@$queue && $queue->[0][0] <= $now) {
        syswrite $way->{to}, (shift @$queue)->[1];
      }
      $wait = $queue->[0][0] - $now if @$queue && $queue->[0][0] - $now < $wait;
    }
  }
  my $bits = '';
  vec($bits, $_, 1) = 1 for keys %way_by_fd;
  vec($bits, fileno(STDIN), 1) = 1;
  my $count = select($bits, undef, undef, $wait < 0 ? 0 : $wait);
  next if $count <= 0;
  if (vec($bits, fileno(STDIN), 1)) {
    my $got = sysread STDIN, $heard, 4096, length $heard;
    exit 0 if defined $got && $got == 0;
    while ($heard =~ s/^(.*)\n//) { obey(split ' ', $1) }
  }
  for my $fd (keys %way_by_fd) {
    next unless vec($bits, $fd, 1);
    carry(@{ $way_by_fd{$fd} });
  }
}

sub device {
  my ($name) = @_;
  sysopen(my $tun, '/dev/net/tun', O_RDWR | O_NONBLOCK) or die "no tun: $!\n";
  # IFF_TUN | IFF_NO_PI
  my $request = pack('a16 s x22', $name, 0x1001);
  ioctl($tun, 0x400454ca, $request) or die "no device $name: $!\n";
  return $tun;
}

sub carry {
  my ($index, $way) = @_;
  for (1 .. 64) {
    my $size = sysread $way->{from}, my $packet, 65536;
    return unless $size;
    if (defined $way->{trap}) {
      $way->{trap} -= $size;
      if ($way->{trap} <= 0) {
        $way->{trap} = undef;
        $_->{pass} = 0 for values %{ $ways[$index] };
        print "cut $index\n";
      }
    }
    next unless $way->{pass};
    next if $way->{loss} && rand(100) < $way->{loss};
    # A packet never overtakes one that is on its way.
    if ($way->{delay} || @{ $way->{queue} }) {
      push @{ $way->{queue} }, [time + $way->{delay} / 1000, $packet];
    } else {
      syswrite $way->{to}, $packet;
    }
  }
}

sub obey {
  my ($word, $index, $side, @values) = @_;
  my $way = $ways[$index]{$side} or return;
  if ($word eq 'set') {
    @$way{qw(pass loss delay)} = @values;
    @{ $way->{queue} } = () unless $way->{pass};
  } elsif ($word eq 'trap') {
    $way->{trap} = $values[0] || undef;
  }
}
