#!/usr/bin/perl
# A file system that takes each request and never answers: whoever opens something there waits in the kernel, where no KILL
# reaches. With this process it ends, and they do.
#   perl hanging.pl PLACE
use strict;
use warnings;

$^F = 100; # the descriptor stays open for mount
my $place = shift @ARGV;
sysopen(my $fuse, '/dev/fuse', 2) or die "no fuse: $!\n";
my $rights = 'rootmode=40000,user_id=0,group_id=0,allow_other';
system('mount', '-i', '-t', 'fuse', '-o', 'fd=' . fileno($fuse) . ",$rights", 'hanging', $place) == 0 or die "no mount\n";
while (1) {
  my $size = sysread $fuse, my $request, 1 << 20;
  exit 0 if defined $size && $size == 0;
  next unless defined $size;
  my (undef, $verb, $unique) = unpack 'L L Q', $request;
  # FUSE_INIT, protocol 7.31: without it nothing is asked at all.
  next unless $verb == 26;
  my (undef, undef, $ahead) = unpack 'L L L', substr $request, 40;
  my $answer = pack 'L L L L S S L L S S x28', 7, 31, $ahead, 0, 12, 9, 4096, 1, 0, 0;
  syswrite $fuse, pack('L l Q', 16 + length $answer, 0, $unique) . $answer;
}
